import { createServer, request as httpRequest } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Express, RequestHandler } from 'express'
import request from 'supertest'
import { clientCredentials, makeApp, token, versions } from './harness.js'

async function listening(app: Express, work: (port: number, server: Server) => Promise<void>): Promise<void> {
  const server = createServer(app)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    await work((server.address() as AddressInfo).port, server)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Writes raw bytes and gives all that comes back until the server closes, or the answer is complete. */
function raw(port: number, bytes: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (data) => {
      text += data.toString()
      if (text.includes('}')) socket.end()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    for (const part of bytes) socket.write(part)
  })
}

function formHead(length: number): string {
  return `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n`
}

describe.each(versions)('bodies on %s', (_name, express) => {
  const form = new URLSearchParams(clientCredentials).toString()

  test.each([
    ['none', undefined],
    ['urlencoded, extended', express.urlencoded({ extended: true })],
    ['urlencoded, simple', express.urlencoded({ extended: false })],
    ['json', express.json()],
    ['raw', express.raw({ type: '*/*' })],
    ['text', express.text({ type: '*/*' })],
  ])('a form is read behind the parser: %s', async (_parser, parser) => {
    const { app } = makeApp(express, { before: (own) => void (parser && own.use(parser)) })
    expect((await token(app, clientCredentials)).status).toBe(200)
  })

  test.each([
    ['none', undefined],
    ['urlencoded', express.urlencoded({ extended: true })],
    ['json', express.json()],
  ])('an empty body does not hang behind the parser: %s', async (_parser, parser) => {
    const { app } = makeApp(express, { before: (own) => void (parser && own.use(parser)) })
    const typed = await request(app).post('/oauth/token').type('form').set('Content-Length', '0')
    expect([typed.status, typed.body.error]).toEqual([400, 'invalid_request'])
    const bare = await request(app).post('/oauth/token')
    expect([bare.status, bare.body.error]).toEqual([400, 'invalid_request'])
  })

  test('a stream that was read to its end by a middleware that kept nothing does not hang', async () => {
    const { app } = makeApp(express, {
      before: (own) => own.use((req, _res, next) => void req.resume().on('end', () => next())),
    })
    expect((await token(app, clientCredentials)).body.error).toBe('invalid_request')
  })

  test('a request that a middleware has paused goes on', async () => {
    const { app } = makeApp(express, {
      before: (own) =>
        own.use((req, _res, next) => {
          req.pause()
          setImmediate(next)
        }),
    })
    expect((await token(app, clientCredentials)).status).toBe(200)
  })

  test('RFC 9112 §3.2.2: a request with the whole URL is for the same endpoint', async () => {
    const { app } = makeApp(express)
    await listening(app, async (port) => {
      for (const url of ['http://auth.example.com/oauth/token', 'http://auth.example.com/oauth/token?x=1']) {
        const head = formHead(form.length).replace('/oauth/token', url)
        expect(await raw(port, [head, form])).toContain('HTTP/1.1 200')
      }
    })
  })

  test('a middleware that has set an encoding changes nothing', async () => {
    const { app } = makeApp(express, {
      before: (own) =>
        own.use((req, _res, next) => {
          req.setEncoding('utf8')
          next()
        }),
    })
    expect((await token(app, clientCredentials)).status).toBe(200)
  })

  test.each([
    ['none', undefined],
    ['json', express.json()],
  ])('H2: a JSON body is refused with the cure, behind the parser: %s', async (_parser, parser) => {
    const { app } = makeApp(express, { before: (own) => void (parser && own.use(parser)) })
    const response = await request(app).post('/oauth/token').send(clientCredentials)
    expect(response.status).toBe(400)
    expect(response.body.error).toBe('invalid_request')
    expect(response.body.error_description).toContain('as a form, not as JSON')
  })

  describe.each([
    ['no parser', undefined],
    ['urlencoded, extended', express.urlencoded({ extended: true })],
    ['urlencoded, simple', express.urlencoded({ extended: false })],
  ])('behind %s', (_parser, parser) => {
    test.each(['refresh_token[]=x', 'refresh_token[a]=x', '__proto__=x', 'refresh_token=x&refresh_token=x'])(
      'H3, H4: %s is refused',
      async (trick) => {
        const { app } = makeApp(express, { before: (own) => void (parser && own.use(parser)) })
        const response = await request(app)
          .post('/oauth/token')
          .type('form')
          .send(`grant_type=refresh_token&client_id=spa&${trick}`)
        expect([response.status, response.body.error]).toEqual([400, 'invalid_request'])
      },
    )
  })

  test('H11: malformed percent-encoding, another charset and compression are JSON errors', async () => {
    const { app } = makeApp(express)
    const post = () => request(app).post('/oauth/token')
    const malformed = await post().type('form').send('grant_type=%zz')
    expect([malformed.status, malformed.body.error]).toEqual([400, 'invalid_request'])
    const charset = await post()
      .set('Content-Type', 'application/x-www-form-urlencoded; charset=utf-16')
      .send(form)
    expect([charset.status, charset.body.error]).toEqual([415, 'invalid_request'])
    const compressed = await post().type('form').set('Content-Encoding', 'gzip').send(form)
    expect([compressed.status, compressed.body.error]).toEqual([415, 'invalid_request'])
  })

  test('H11: a body over 16 kB is 413 JSON, one of 16 kB is read, and the connection goes on', async () => {
    const { app } = makeApp(express)
    await listening(app, async (port) => {
      const fill = `&pad=${'x'.repeat(16 * 1024 - form.length - 5)}`
      expect(await raw(port, [formHead(16 * 1024), form + fill])).toContain('HTTP/1.1 200')
      const big = 'x'.repeat(200_000)
      const two = [formHead(big.length) + big, formHead(form.length) + form]
      const answers = await new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        let text = ''
        socket.on('data', (data) => {
          text += data.toString()
          if (text.includes('access_token')) resolve(text)
        })
        socket.write(two.join(''))
      })
      expect(answers).toContain('HTTP/1.1 413')
      expect(answers).toContain('"error":"invalid_request"')
      expect(answers).toContain('HTTP/1.1 200')
    })
  })

  test('H11: a page may read why its body was too large', async () => {
    const { app } = makeApp(express)
    const response = await request(app)
      .post('/oauth/token')
      .set('Origin', 'https://app.example')
      .type('form')
      .send(`pad=${'x'.repeat(20_000)}`)
    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([
      413,
      'https://app.example',
    ])
  })

  test('H11: no page may read the answers of introspection, that to a body too large neither', async () => {
    const { app } = makeApp(express)
    const response = await request(app)
      .post('/oauth/introspect')
      .set('Origin', 'https://app.example')
      .type('form')
      .send(`pad=${'x'.repeat(20_000)}`)
    expect(response.status).toBe(413)
    expect(response.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('H11: a body without end is cut off with a 413', async () => {
    const { app } = makeApp(express)
    await listening(app, async (port) => {
      const head = 'POST /oauth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
      const answer = await raw(port, [head, ...Array.from({ length: 20 }, () => chunk)])
      expect(answer).toContain('HTTP/1.1 413')
      expect(answer.toLowerCase()).toContain('connection: close')
    })
  })

  test('H11: a length that is announced as far too large is refused unread', async () => {
    const { app } = makeApp(express)
    await listening(app, async (port) => {
      const head = 'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n'
      expect(await raw(port, [head])).toContain('HTTP/1.1 413')
    })
  })

  test.each(['/oauth/token', '/oauth/authorize', '/oauth/authorize/decision'])(
    'R33: a client that goes away in the middle of its body to %s leaves the server working',
    async (path) => {
      const { app } = makeApp(express)
      await listening(app, async (port, server) => {
        for (let round = 0; round < 3; round++) {
          const gone = new Promise<void>((resolve) =>
            server.once('connection', (socket) => void socket.once('close', () => resolve())),
          )
          const out = httpRequest({ port, host: '127.0.0.1', path, method: 'POST', agent: false })
          out.on('error', () => {})
          out.setHeader('Content-Length', 1000)
          // After the app's own listener: it has begun to read.
          server.once('request', () => void out.destroy())
          out.write('grant_type=')
          await gone
        }
        expect(await raw(port, [formHead(form.length), form])).toContain('HTTP/1.1 200')
      })
    },
  )
})

test.each([
  ['a text', 'req-7', 'req-7'],
  ['a number', 7, '7'],
  ['a text with a line break', 'two\nlines', expect.stringMatching(/^[\da-f-]{36}$/)],
  ['an object', {}, expect.stringMatching(/^[\da-f-]{36}$/)],
])('events have the id that a logger has given the request (req.id): %s', async (_, id, expected) => {
  const [[, express] = []] = versions
  if (express === undefined) throw new Error('There is no Express.')
  const number: RequestHandler = (req, _res, next) => {
    Object.assign(req, { id })
    next()
  }
  const { app, server } = makeApp(express, { before: (own) => void own.use(number) })
  const raised: unknown[] = []
  server.on('client.authentication_failed', ({ requestId }) => raised.push(requestId))

  await token(app, { ...clientCredentials, client_secret: 'wrong' })

  expect(raised).toEqual([expected])
})
