import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { getAuth, oauthHandler, requireToken, sendTokens } from '@oauth-ratchet/http'
import type { RequireTokenOptions } from '@oauth-ratchet/http'
import type { IncomingMessage } from 'node:http'
import Koa from 'koa'
import { clientCredentials, issuer, makeServer } from './setup/authorization-server.js'
import { answerOf, postForm } from './setup/http-client.js'
import { closeAll, listening } from './setup/listening.js'

afterEach(closeAll)

/** An app whose only route is guarded, and says who it was called by. */
async function ask(server: AuthorizationServer, options: RequireTokenOptions, token?: string) {
  const guard = requireToken(server, options)
  const url = await listening((req, res) => {
    guard(req, res, () => {
      const { user } = req as { user?: unknown }
      const auth = getAuth(req, { optional: true })
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ subject: auth?.subject, user }))
    })
  })
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return answerOf(await fetch(url, { headers }))
}

const tokensOf = (server: AuthorizationServer) =>
  server.grants.issue({ clientId: 'spa', subject: 'alice', scope: 'read' })

describe('requireToken', () => {
  test('lets a good token through, with who it speaks for on the request', async () => {
    const server = makeServer()
    const { access_token } = await tokensOf(server)
    const { status, body } = await ask(
      server,
      { scope: 'read', user: (auth) => ({ id: auth.subject }) },
      access_token,
    )
    expect([status, body]).toEqual([200, { subject: 'alice', user: { id: 'alice' } }])
  })

  test("takes the double of a request in an app's own tests, of which it needs the headers", async () => {
    const server = makeServer()
    const { access_token } = await tokensOf(server)
    const double = { headers: { authorization: `Bearer ${access_token}` } } as IncomingMessage
    await requireToken(server).authenticate(double)
    expect(getAuth(double).subject).toBe('alice')
  })

  test('lets a request without one through where it is optional', async () => {
    expect(await ask(makeServer(), { optional: true })).toMatchObject({ status: 200, body: {} })
  })

  test('answers the rest itself: status, challenge and JSON (RFC 6750 section 3.1)', async () => {
    const server = makeServer()
    const { access_token } = await tokensOf(server)
    const none = await ask(server, {})
    expect(none.status).toBe(401)
    expect(none.headers.get('www-authenticate')).toBe(`Bearer realm="${issuer}"`)
    const bad = await ask(server, {}, 'nonsense')
    expect([bad.status, bad.body['error']]).toEqual([401, 'invalid_token'])
    expect(bad.headers.get('cache-control')).toBe('no-store')
    const narrow = await ask(server, { scope: 'write' }, access_token)
    expect([narrow.status, narrow.body['error']]).toEqual([403, 'insufficient_scope'])
  })

  test('a challenge has each attribute once, quoted, in the characters of RFC 6750 section 3', async () => {
    const server = makeServer()
    const { access_token } = await tokensOf(server)
    const challenges = [
      await ask(server, { scope: 'read write' }),
      await ask(server, { scope: 'read write' }, 'nonsense'),
      await ask(server, { scope: 'read write' }, access_token),
      await ask(server, { scope: 'read write' }, 'two words'),
    ].map(({ headers }) => headers.get('www-authenticate') ?? '')

    for (const challenge of challenges) {
      const [, attributes = ''] = /^Bearer (.+)$/.exec(challenge) ?? []
      const pairs = attributes.split(/, (?=\w+=)/).map((pair) => pair.split('=', 1)[0])
      expect(new Set(pairs).size).toBe(pairs.length)
      // One quoted string each, of visible ASCII and blanks, without a quote or a backslash in it.
      expect(attributes).toMatch(
        /^\w+="[\x20\x21\x23-\x5b\x5d-\x7e]*"(?:, \w+="[\x20\x21\x23-\x5b\x5d-\x7e]*")*$/,
      )
      expect(pairs).toContain('realm')
    }
    expect(challenges.map((text) => /error="(\w+)"/.exec(text)?.[1])).toEqual([
      undefined,
      'invalid_token',
      'insufficient_scope',
      'invalid_request',
    ])
  })

  test.each([
    ['a storage that cannot be reached', true, {}],
    [
      'a user callback that throws',
      false,
      { user: () => Promise.reject(new Error('The database is down.')) },
    ],
  ])('%s is a 503, never a bad token', async (_case, broken, options) => {
    const storage = new MemoryStorage()
    const find = storage.grants.find.bind(storage.grants)
    let isDown = false
    Object.assign(storage.grants, {
      find: (id: string) => (isDown ? Promise.reject(new Error('The storage is down.')) : find(id)),
    })
    const server = makeServer({ storage })
    const failures: string[] = []
    server.on('request.failed', ({ phase }) => failures.push(phase))
    const { access_token } = await tokensOf(server)
    isDown = broken
    const { status, body, headers } = await ask(server, options, access_token)
    expect([status, body['error'], headers.get('retry-after')]).toEqual([503, 'temporarily_unavailable', '1'])
    expect(failures).toHaveLength(1)
  })

  test('a handler behind it that throws ends its own answer with a 500, and the process goes on', async () => {
    const server = makeServer()
    const failures: string[] = []
    server.on('request.failed', ({ error }) => failures.push((error as Error).message))
    const guard = requireToken(server, { optional: true })
    const url = await listening((req, res) =>
      guard(req, res, () => {
        throw new Error('The handler failed.')
      }),
    )
    expect((await fetch(url)).status).toBe(500)
    expect(failures).toEqual(['The handler failed.'])
  })

  test('authenticate rejects with what a framework needs to answer', async () => {
    const guard = requireToken(makeServer(), { scope: 'read' })
    const refused = {
      status: 401,
      statusCode: 401,
      headers: { 'www-authenticate': expect.any(String) as unknown },
    }
    const req = { headers: {}, rawHeaders: [] }
    await expect(guard.authenticate(req as never)).rejects.toMatchObject(refused)
  })

  test('Koa writes what is wrong with a request, and logs of these only an outage', async () => {
    const storage = new MemoryStorage()
    Object.assign(storage.grants, { find: () => Promise.reject(new Error('The storage is down.')) })
    const server = makeServer({ storage })
    server.on('request.failed', () => {})
    const { access_token } = await tokensOf(server)
    const guard = requireToken(server)
    const koa = new Koa()
    koa.use(async (ctx) => void (await guard.authenticate(ctx.req)))
    const app = koa.callback()
    const url = await listening((req, res) => void app(req, res))
    const logged = jest.spyOn(console, 'error').mockReturnValue()

    const bad = await fetch(url, { headers: { authorization: 'Bearer nonsense' } })
    expect([bad.status, await bad.text()]).toEqual([401, expect.stringContaining('is not valid')])
    expect(logged).not.toHaveBeenCalled()

    const down = await fetch(url, { headers: { authorization: `Bearer ${access_token}` } })
    expect(down.status).toBe(503)
    expect(logged).toHaveBeenCalled()
    logged.mockRestore()
  })

  test.each([
    ['no server', [undefined], 'http.server'],
    ['a misspelt option', [makeServer(), { scopes: 'read' }], 'http.unknown_option'],
    ['a scope that the server does not have', [makeServer(), { scope: 'admin' }], 'http.unknown_scope'],
    ['an empty scope', [makeServer(), { scope: '' }], 'http.scope'],
  ])('misuse: %s', (_case, parameters, code) => {
    const make = requireToken as (...parameters: unknown[]) => unknown
    expect(() => make(...parameters)).toThrow(expect.objectContaining({ code }))
  })

  test('getAuth: where no guard has run, and where client credentials were let through', async () => {
    expect(() => getAuth({})).toThrow(expect.objectContaining({ code: 'http.no_auth' }))
    expect(getAuth({}, { optional: true })).toBeUndefined()
    expect(() => getAuth({}, { optinal: true } as never)).toThrow(
      expect.objectContaining({ code: 'http.unknown_option' }),
    )
    const server = makeServer()
    const url = await listening(oauthHandler(server))
    const { body } = await postForm(`${url}/oauth/token`, clientCredentials)
    const authorization = `Bearer ${String(body['access_token'])}`
    const req = { headers: { authorization }, rawHeaders: ['Authorization', authorization] }
    await requireToken(server).authenticate(req as never)
    expect(getAuth(req).clientId).toBe('service')
    expect(() => getAuth(req, { subject: 'user' })).toThrow(expect.objectContaining({ code: 'http.no_user' }))
  })
})

describe('sendTokens', () => {
  test('answers with the tokens, uncached', async () => {
    const server = makeServer()
    const url = await listening(
      (_req, res) => void tokensOf(server).then((tokens) => sendTokens(res, tokens)),
    )
    const { status, headers, body } = await answerOf(await fetch(url))
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(body).toHaveProperty('refresh_token')
  })

  test('puts the refresh token into the cookie that the handler refreshes with', async () => {
    const server = makeServer()
    const oauth = oauthHandler(server, { refreshTokenCookie: { clients: ['spa'] } })
    const url = await listening((req, res) =>
      oauth(req, res, () => {
        void tokensOf(server).then((tokens) => sendTokens(res, tokens, { server, clientId: 'spa' }))
      }),
    )
    const login = await answerOf(await fetch(`${url}/login`))
    expect(login.body).not.toHaveProperty('refresh_token')
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const refreshed = await postForm(
      `${url}/oauth/token`,
      { grant_type: 'refresh_token', client_id: 'spa' },
      { cookie, origin: issuer },
    )
    expect(refreshed.status).toBe(200)
    expect(refreshed.headers.getSetCookie()[0]).toMatch(/^__Secure-refresh-token-/)
  })

  test('misuse: a forgotten await, and a server without a handler', async () => {
    const server = makeServer()
    const tokens = await tokensOf(server)
    const code = 'http.send_tokens'
    expect(() => sendTokens({} as never, tokensOf(server) as never)).toThrow(
      expect.objectContaining({ code }),
    )
    expect(() => sendTokens({} as never, tokens, { server, clientId: 'spa' })).toThrow(
      'there is no oauthHandler',
    )
  })
})
