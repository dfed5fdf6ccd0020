import type { AuthorizationServerOptions, ServerEvents } from '@oauth-ratchet/core'
import { oauthHandler } from '@oauth-ratchet/http'
import type { OAuthHandler, OAuthHandlerOptions } from '@oauth-ratchet/http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { authorizationPath, clientCredentials, issuer, makeServer } from './setup/authorization-server.js'
import { answerOf, postForm } from './setup/http-client.js'
import { closeAll, listening } from './setup/listening.js'

afterEach(async () => {
  jest.restoreAllMocks()
  await closeAll()
})

const wellKnown = '/.well-known/oauth-authorization-server'
const signIn = () => ({ subject: 'alice' })
const failing = () => Promise.reject(new Error('The app failed.'))

const start = (options: OAuthHandlerOptions = {}, server: Partial<AuthorizationServerOptions> = {}) =>
  listening(oauthHandler(makeServer(server), options))

const statusOf = async (url: string) => (await fetch(url, { redirect: 'manual' })).status

describe('what the handler answers', () => {
  test('without next everything else is a 404', async () => {
    const url = await start()
    const response = await answerOf(await fetch(`${url}/app`))
    expect([response.status, response.text]).toEqual([404, 'Not found.'])
    expect(await statusOf(`${url}/oauth`)).toBe(404)
    expect(await statusOf(`${url}/token`)).toBe(404)
    expect((await postForm(`${url}/app`, { a: 'b' })).status).toBe(404)
  })

  test('next gets everything else, and nothing that is answered', async () => {
    const oauth = oauthHandler(makeServer())
    const passedOn: unknown[] = []
    const url = await listening((req, res) =>
      oauth(req, res, (...parameters) => {
        passedOn.push([req.url, parameters])
        res.end('app')
      }),
    )
    expect(await statusOf(`${url}/oauth/token`)).toBe(405)
    expect(await statusOf(`${url}/oauth/jwks?x`)).toBe(200)
    expect((await answerOf(await fetch(`${url}/oauth/tokens?a`))).text).toBe('app')
    expect(passedOn).toEqual([['/oauth/tokens?a', []]])
  })

  test('an endpoint is there with a slash at its end too', async () => {
    const url = await start()
    expect((await postForm(`${url}/oauth/token/?a=b`, clientCredentials)).status).toBe(200)
  })

  test('without signIn there is no authorization endpoint', async () => {
    const url = await start()
    expect(await statusOf(url + authorizationPath)).toBe(404)
    const { body } = await answerOf(await fetch(url + wellKnown))
    expect(body).not.toHaveProperty('authorization_endpoint')
  })

  test('for an issuer with a path the endpoints are below it, and the metadata where RFC 8414 section 3.1 says', async () => {
    const url = await start({}, { issuer: `${issuer}/t1` })
    expect((await postForm(`${url}/t1/oauth/token`, clientCredentials)).status).toBe(200)
    expect(await statusOf(`${url}${wellKnown}/t1`)).toBe(200)
    expect(await statusOf(url + wellKnown)).toBe(404)
  })

  test('openid-configuration is there only when it is asked for', async () => {
    const path = '/.well-known/openid-configuration'
    expect(await statusOf((await start()) + path)).toBe(404)
    expect(await statusOf((await start({ openidConfiguration: true })) + path)).toBe(200)
  })

  test('metadata: HEAD and preflight, and a 405 for the rest', async () => {
    const url = (await start()) + wellKnown
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(204)
    expect((await fetch(url, { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD')
  })

  test('path is where the endpoints are behind a proxy that strips a prefix', async () => {
    const url = await start({ path: '' })
    expect((await postForm(`${url}/token`, clientCredentials)).status).toBe(200)
    expect(await statusOf(`${url}/oauth/jwks`)).toBe(404)
  })

  test('a request target in absolute form is taken (RFC 9112 section 3.2.2)', async () => {
    const url = await start()
    const { port } = new URL(url)
    const ask = (target: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1')
        let text = ''
        socket.on('data', (data) => (text += data.toString()))
        socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''))
        socket.write(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      })
    expect(await ask('http://auth.example.com/oauth/token?x')).toBe('HTTP/1.1 204 No Content')
    expect(await ask('http://auth.example.com/other')).toBe('HTTP/1.1 404 Not Found')
    expect(await ask('*')).toBe('HTTP/1.1 404 Not Found')
  })

  test('mounted by Connect, which takes the mount path off url, it goes by originalUrl', async () => {
    const oauth = oauthHandler(makeServer())
    const url = await listening((req, res) => {
      Object.assign(req, { originalUrl: req.url, url: req.url?.replace('/oauth', '') })
      oauth(req, res)
    })
    expect((await postForm(`${url}/oauth/token`, clientCredentials)).status).toBe(200)
  })

  test('a body that was parsed before is taken from req.body', async () => {
    const oauth = oauthHandler(makeServer())
    const url = await listening((req, res) => {
      req.resume().on('end', () => oauth(Object.assign(req, { body: { ...clientCredentials } }), res))
    })
    expect((await postForm(`${url}/oauth/token`, { any: 'thing' })).status).toBe(200)
  })

  test('a body that was read before and is nowhere says what to do', async () => {
    const oauth = oauthHandler(makeServer())
    const url = await listening((req, res) => {
      req.resume().on('end', () => oauth(req, res))
    })
    const { status, body } = await postForm(`${url}/oauth/token`, clientCredentials)
    expect(status).toBe(400)
    expect(body['error_description']).toContain('mount oauthHandler before what reads it')
  })
})

const withHeaders = (headers: Readonly<Record<string, string | string[]>>): Promise<string> => {
  const oauth = oauthHandler(makeServer())
  return listening((req, res) => {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    oauth(req, res)
  })
}

/** What an answer has, without what is different each time. */
const headersAt = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await postForm(`${url}/oauth/token`, clientCredentials, headers)
  expect(response.status).toBe(200)
  const { date: _, 'content-length': length, ...others } = Object.fromEntries(response.headers)
  expect(Number(length)).toBe(Buffer.byteLength(response.text))
  return others
}

describe('headers', () => {
  test("are the same with and without headers of the app's, which stay", async () => {
    const origin = { origin: 'https://elsewhere.example' }
    const plain = await headersAt(await withHeaders({}), origin)
    const beside = await headersAt(
      await withHeaders({ 'x-app': '1', vary: 'Accept', 'Cache-Control': 'public', 'set-cookie': ['a=1'] }),
      origin,
    )
    expect(plain).toMatchObject({ 'cache-control': 'no-store', vary: 'Origin' })
    expect(beside).toEqual({ ...plain, 'x-app': '1', vary: 'Accept, Origin', 'set-cookie': 'a=1' })
  })

  test('a middleware that replaces writeHead and sets headers there still can, as on-headers does', async () => {
    const oauth = oauthHandler(makeServer())
    const url = await listening((req, res) => {
      const write = res.writeHead.bind(res)
      // What on-headers 1.0 does with a second parameter.
      res.writeHead = ((status: number, headers: object = {}) => {
        if (Array.isArray(headers))
          for (const [name, value] of headers as string[]) res.setHeader(name ?? '', value ?? '')
        else for (const [name, value] of Object.entries(headers)) res.setHeader(name, String(value))
        res.setHeader('x-late', '1')
        return write(status)
      }) as typeof res.writeHead
      oauth(req, res)
    })
    expect(await headersAt(url)).toMatchObject({ 'x-late': '1', 'content-type': 'application/json' })
  })

  test.each([{}, { 'x-app': '1' }])(
    'a middleware that replaces end and sets headers there still can, beside %j',
    async (headers) => {
      const oauth = oauthHandler(makeServer())
      const url = await listening((req, res) => {
        for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
        const end = res.end.bind(res) as (...given: unknown[]) => typeof res
        res.end = (...given: unknown[]) => {
          res.setHeader('x-late', '1')
          return end(...given)
        }
        oauth(req, res)
      })
      expect(await headersAt(url)).toMatchObject({
        ...headers,
        'x-late': '1',
        'content-type': 'application/json',
      })
    },
  )

  test.each([{}, { 'x-app': '1' }])(
    'an answer that a middleware breaks off half written ends the connection, beside %j',
    async (headers) => {
      const server = makeServer()
      server.on('request.failed', () => {})
      const oauth = oauthHandler(server)
      const url = await listening((req, res) => {
        for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
        res.end = () => {
          res.writeHead(200).flushHeaders()
          throw new Error('The session cannot be saved.')
        }
        oauth(req, res)
      })
      await expect(postForm(`${url}/oauth/token`, clientCredentials)).rejects.toThrow()
    },
  )

  test("CORS headers of the app's are taken off", async () => {
    const url = await withHeaders({ 'access-control-allow-origin': '*' })
    expect(await headersAt(url)).not.toHaveProperty('access-control-allow-origin')
  })
})

const addressesOf = async (options: OAuthHandlerOptions, headers: Readonly<Record<string, string>>) => {
  const server = makeServer()
  const addresses: unknown[] = []
  server.on('client.authentication_failed', (event: ServerEvents['client.authentication_failed']) =>
    addresses.push(event.remoteAddress),
  )
  server.on('request.failed', () => {})
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const url = await listening(oauthHandler(server, options))
  const guess = { ...clientCredentials, client_secret: 'guessed' }
  const statuses = [
    (await postForm(`${url}/oauth/token`, guess, headers)).status,
    (await postForm(`${url}/oauth/token`, guess, headers)).status,
  ]
  const codes = warn.mock.calls.map(([, detail]) => (detail as { code?: string }).code)
  return { addresses, statuses, codes }
}

const realIp = (req: IncomingMessage) => req.headersDistinct['x-real-ip']?.at(-1)

const noAddress = () => {
  throw new Error('No proxy.')
}

describe("the client's address", () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.7', 'x-real-ip': '203.0.113.8' }

  test("is the socket's", async () => {
    const { addresses, codes } = await addressesOf({}, {})
    expect([addresses, codes]).toEqual([['127.0.0.1', '127.0.0.1'], []])
  })

  test('that a header claims is not believed, and the proxy that shows is warned of once', async () => {
    const { addresses, codes } = await addressesOf({}, forwarded)
    expect([addresses, codes]).toEqual([['127.0.0.1', '127.0.0.1'], ['OAUTH_RATCHET_TRUST_PROXY']])
  })

  test('is what clientAddress gives', async () => {
    const { addresses, codes } = await addressesOf({ clientAddress: realIp }, forwarded)
    expect([addresses, codes]).toEqual([['203.0.113.8', '203.0.113.8'], []])
  })

  test('that cannot be found, as clientAddress throws, is a 503, with nothing spent', async () => {
    expect((await addressesOf({ clientAddress: noAddress }, {})).statuses).toEqual([503, 503])
  })
})

const started = (oauth: OAuthHandler, next?: (error: unknown, res: ServerResponse) => void) =>
  listening((req, res) => oauth(req, res, next && ((error) => next(error, res))))
const quiet = () => {
  const server = makeServer()
  server.on('request.failed', () => {})
  return server
}

describe('passErrors', () => {
  test('hands what the app has done wrong to next', async () => {
    const oauth = oauthHandler(quiet(), { signIn: failing, passErrors: true })
    const url = await started(oauth, (error, res) => {
      const { status, cause } = error as { status: number; cause: Error }
      res.writeHead(status).end(`the app's page: ${cause.message}`)
    })
    const response = await answerOf(await fetch(url + authorizationPath))
    expect(response.status).toBe(500)
    expect(response.text).toBe("the app's page: The callback signIn threw")
  })

  test('without next, or without the option, the built-in page is shown', async () => {
    const passing = await started(oauthHandler(quiet(), { signIn: failing, passErrors: true }))
    const plain = await started(oauthHandler(quiet(), { signIn: failing }), (_error, res) => res.end('app'))
    for (const url of [passing, plain]) {
      const response = await answerOf(await fetch(url + authorizationPath))
      expect([response.status, response.text.includes('<h1>Something went wrong here</h1>')]).toEqual([
        500,
        true,
      ])
    }
  })
})

test("an error page of the app's own gets Node's request and response, with status and headers set", async () => {
  const server = makeServer()
  server.on('request.failed', () => {})
  const url = await listening(
    oauthHandler(server, {
      signIn: failing,
      pages: { errorPage: (req, res, { status }) => void res.end(`${req.method} ${status}`) },
    }),
  )
  const response = await answerOf(await fetch(url + authorizationPath))
  expect([response.status, response.text]).toEqual([500, 'GET 500'])
  expect(response.headers.get('x-frame-options')).toBe('DENY')
})

describe('misuse is refused when the handler is made', () => {
  const server = makeServer()
  test.each<[string, unknown, unknown, string]>([
    ['no server', undefined, {}, 'http.server'],
    ['options that are none', server, 'x', 'http.options'],
    ['a misspelt option', server, { signin: signIn }, 'http.unknown_option'],
    ['signIn that is no function', server, { signIn: {} }, 'http.sign_in'],
    ['consent without signIn', server, { consent: signIn }, 'http.consent'],
    ['onDecision without signIn', server, { onDecision: signIn }, 'http.on_decision'],
    ['pages that cannot work', server, { signIn, pages: { lang: '?' } }, 'http.pages'],
    ['passErrors that is no flag', server, { passErrors: 'yes' }, 'http.pass_errors'],
    ['an unknown cors', server, { cors: 'https://app.example' }, 'http.cors'],
    ['a cookie for nobody', server, { refreshTokenCookie: { clients: [] } }, 'http.refresh_token_cookie'],
    ['openidConfiguration that is no flag', server, { openidConfiguration: 1 }, 'http.openid_configuration'],
    ['a path with a slash at its end', server, { path: '/oauth/' }, 'http.path'],
    ['a path without one at its beginning', server, { path: 'oauth' }, 'http.path'],
    ['clientAddress that is no function', server, { clientAddress: 'x-real-ip' }, 'http.client_address'],
  ])('%s', (_case, first, options, code) => {
    expect(() => oauthHandler(first as never, options as never)).toThrow(expect.objectContaining({ code }))
  })

  test('the message names the handler', () => {
    expect(() => oauthHandler(server, { pages: {} })).toThrow('oauthHandler: pages is given without signIn')
    expect(() => oauthHandler(server, { signin: signIn } as never)).toThrow('Did you mean "signIn"?')
  })
})
