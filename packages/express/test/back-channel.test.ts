import type { Request } from 'express'
import request from 'supertest'
import {
  apiSecret,
  asText,
  brokenStorage,
  clientCredentials,
  makeApp,
  token,
  versions,
  warningsOf,
} from './harness.js'

describe.each(versions)('back channel on %s', (_name, express) => {
  test('H8: a token response is JSON that no cache keeps', async () => {
    const response = await token(makeApp(express).app, clientCredentials)
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ token_type: 'Bearer', scope: 'read' })
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
    })
  })

  test('a refresh, a revocation and an introspection go through', async () => {
    const { app, server } = makeApp(express)
    const first = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const refreshed = await token(app, {
      grant_type: 'refresh_token',
      client_id: 'spa',
      refresh_token: asText(first.refresh_token),
    })
    expect(refreshed.status).toBe(200)
    const introspect = () =>
      request(app)
        .post('/oauth/introspect')
        .auth('api', apiSecret)
        .type('form')
        .send({ token: refreshed.body.access_token })
    expect((await introspect()).body).toMatchObject({ active: true, sub: 'alice' })
    const revoked = await request(app)
      .post('/oauth/revoke')
      .type('form')
      .send({ client_id: 'spa', token: refreshed.body.refresh_token })
    expect([revoked.status, revoked.body]).toEqual([200, {}])
    expect((await introspect()).body).toEqual({ active: false })
  })

  test.each(['/oauth/token/', '/OAuth/token'])(
    'is found at %s, as a route of Express would be',
    async (path) => {
      const response = await request(makeApp(express).app).post(path).type('form').send(clientCredentials)
      expect([response.status, response.body.token_type]).toEqual([200, 'Bearer'])
    },
  )

  test('a body that something else has read and not kept is said to be missing for that reason', async () => {
    const { app } = makeApp(express, {
      before: (before) =>
        before.use((req, _res, next) => {
          req.on('end', next).resume()
        }),
    })
    const response = await token(app, clientCredentials)
    expect(response.status).toBe(400)
    expect(response.body.error_description).toContain('was read before it came here')
  })

  test.each(['/oauth/token', '/oauth/revoke', '/oauth/introspect'])(
    'H1: other methods on %s are 405 JSON with Allow',
    async (path) => {
      const { app } = makeApp(express)
      for (const method of ['get', 'put', 'delete', 'patch'] as const) {
        const response = await request(app)[method](path)
        expect(response.status).toBe(405)
        expect(response.headers['allow']).toBe('POST')
        expect(response.body).toMatchObject({ error: 'invalid_request' })
      }
      const head = await request(app).head(path)
      expect([head.status, head.headers['allow']]).toEqual([405, 'POST'])
    },
  )

  test('H7: credentials and tokens in the query are not read', async () => {
    const { app, server } = makeApp(express)
    const query = new URLSearchParams(clientCredentials).toString()
    const response = await request(app).post(`/oauth/token?${query}`)
    expect(response.status).toBe(400)
    const { refresh_token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const revoked = await request(app)
      .post(`/oauth/revoke?token=${refresh_token}`)
      .type('form')
      .send('client_id=spa')
    expect(revoked.body).toMatchObject({ error: 'invalid_request' })
    const refreshed = await token(app, {
      grant_type: 'refresh_token',
      client_id: 'spa',
      refresh_token: asText(refresh_token),
    })
    expect(refreshed.status).toBe(200)
  })

  test('H9: headers of the app stay, but for those of the answer', async () => {
    const { app } = makeApp(express, {
      before: (own) =>
        own.use((_req, res, next) => {
          res.set({ 'X-App': 'here', 'Cache-Control': 'public', Vary: 'Accept-Encoding' })
          next()
        }),
    })
    const response = await request(app)
      .post('/oauth/token')
      .set('Origin', 'https://app.example')
      .type('form')
      .send('a=b')
    expect(response.headers).toMatchObject({
      'x-app': 'here',
      'cache-control': 'no-store',
      vary: 'Accept-Encoding, Origin',
    })
  })

  test('the JWKS answers GET and HEAD, and nothing else', async () => {
    const { app } = makeApp(express)
    const got = await request(app).get('/oauth/jwks')
    expect(got.status).toBe(200)
    expect(got.headers['content-type']).toContain('application/jwk-set+json')
    const head = await request(app).head('/oauth/jwks')
    expect([head.status, head.headers['content-length']]).toEqual([200, got.headers['content-length']])
    const posted = await request(app).post('/oauth/jwks')
    expect([posted.status, posted.headers['allow'], posted.body.error]).toEqual([
      405,
      'GET, HEAD',
      'invalid_request',
    ])
  })

  test('what the router does not know goes on to the app', async () => {
    const { app } = makeApp(express)
    app.use((_req, res) => void res.status(418).end())
    for (const path of ['/oauth/other', '/oauth', '/oauth/token/x', '/oauth/__proto__'])
      expect((await request(app).post(path)).status).toBe(418)
  })

  test('without signIn there is no authorization endpoint, and the metadata tells of none', async () => {
    const { app } = makeApp(express, { signIn: undefined as never })
    expect((await request(app).get('/oauth/authorize')).status).toBe(404)
    expect((await request(app).post('/oauth/authorize/decision')).status).toBe(404)
    const metadata = await request(app).get('/.well-known/oauth-authorization-server')
    expect(metadata.body).not.toHaveProperty('authorization_endpoint')
  })

  test('a fault of the router is JSON server_error, and never a page of Express', async () => {
    const { app, server } = makeApp(express)
    server.endpoints.token = () => Promise.reject(new Error('secret detail'))
    const failed: string[] = []
    server.on('request.failed', ({ phase }) => failed.push(phase))
    const response = await token(app, clientCredentials)
    expect(response.status).toBe(500)
    expect(response.body).toEqual({ error: 'server_error', error_description: 'The server failed.' })
    expect(failed).toEqual(['internal'])
  })

  test("C11: the client's address is Express's req.ip, so that trust proxy counts", async () => {
    const { app, server } = makeApp(express)
    app.set('trust proxy', true)
    const addresses: (string | undefined)[] = []
    server.on('client.authentication_failed', (event) => addresses.push(event.remoteAddress))
    await token(app, { ...clientCredentials, client_secret: 'wrong' }).set('X-Forwarded-For', '203.0.113.7')
    expect(addresses).toEqual(['203.0.113.7'])
  })

  test('C11: so is a req.ip of the app, which reads a header of its own proxy', async () => {
    const { app, server } = makeApp(express)
    // https://expressjs.com/en/guide/overriding-express-api.html#properties
    Object.defineProperty(app.request, 'ip', {
      get(this: Request) {
        return this.get('Client-IP')
      },
    })
    const addresses: (string | undefined)[] = []
    server.on('client.authentication_failed', (event) => addresses.push(event.remoteAddress))
    await token(app, { ...clientCredentials, client_secret: 'wrong' }).set('Client-IP', '203.0.113.7')
    expect(addresses).toEqual(['203.0.113.7'])
  })

  test('X-Forwarded-For while trust proxy is off is warned of once', async () => {
    const { app } = makeApp(express)
    const send = () => token(app, clientCredentials).set('X-Forwarded-For', '203.0.113.7')
    expect(await warningsOf(async () => [await send(), await send()])).toEqual(['OAUTH_RATCHET_TRUST_PROXY'])
    const trusting = makeApp(express).app
    trusting.set('trust proxy', 1)
    const trusted = () => token(trusting, clientCredentials).set('X-Forwarded-For', '203.0.113.7')
    expect(await warningsOf(trusted)).toEqual([])
  })

  test('a mount that the metadata does not point to is warned of once', async () => {
    const { app } = makeApp(express, { server: { basePath: '/auth' } })
    const send = () => token(app, clientCredentials)
    expect(await warningsOf(async () => [await send(), await send()])).toEqual(['OAUTH_RATCHET_MOUNT_PATH'])
    const right = makeApp(express, {
      server: { issuer: 'https://auth.example.com/oauth/', basePath: '' },
    }).app
    expect(await warningsOf(() => token(right, clientCredentials))).toEqual([])
  })

  describe('CORS', () => {
    const origin = 'https://app.example'

    test.each(['/oauth/token', '/oauth/revoke'])('O1, O2: a preflight of %s is allowed', async (path) => {
      const response = await request(makeApp(express).app).options(path).set('Origin', 'https://any.example')
      expect(response.status).toBe(204)
      expect(response.headers).toMatchObject({
        'access-control-allow-origin': 'https://any.example',
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'POST',
      })
      for (const name of ['Content-Type', 'Authorization', 'DPoP', 'Idempotency-Key', 'MCP-Protocol-Version'])
        expect(response.headers['access-control-allow-headers']).toContain(name)
    })

    test.each(['/oauth/token', '/oauth/revoke', '/oauth/jwks'])(
      'a preflight of %s allows the headers that libraries add',
      async (path) => {
        const asked = 'auth0-client,cache-control,idempotency-key,sentry-trace,traceparent,x-requested-with'
        const { app } = makeApp(express, {
          before: (own) =>
            own.use((_req, res, next) => {
              res.set('Vary', 'Accept-Encoding')
              next()
            }),
        })
        const response = await request(app)
          .options(path)
          .set({ Origin: 'https://any.example', 'Access-Control-Request-Headers': asked })
        expect(response.headers).toMatchObject({
          'access-control-allow-headers': asked,
          vary: 'Accept-Encoding, Origin, Access-Control-Request-Headers',
        })
      },
    )

    test('a refresh whose answer the browser would hide is refused, and the token still works', async () => {
      const { app, server } = makeApp(express)
      const { refresh_token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
      const fields = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: asText(refresh_token) }
      const hidden = await token(app, fields).set({
        Origin: 'https://other.example',
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'cors',
        'Sec-Fetch-Dest': 'empty',
      })
      expect([hidden.status, hidden.body.error]).toEqual([403, 'invalid_request'])
      expect(hidden.headers).toMatchObject({
        'access-control-allow-origin': 'https://other.example',
        'access-control-allow-credentials': 'true',
        'cache-control': 'no-store',
      })
      const own = await token(app, fields).set({ Origin: origin, 'Sec-Fetch-Site': 'same-site' })
      expect(own.status).toBe(200)
      expect(own.headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
      })
      expect(own.headers['access-control-expose-headers']).toContain('Date')
    })

    test('O1: jwks can be read from everywhere', async () => {
      const { app } = makeApp(express)
      expect((await request(app).options('/oauth/jwks')).headers['access-control-allow-methods']).toBe(
        'GET, HEAD',
      )
      expect((await request(app).get('/oauth/jwks')).headers['access-control-allow-origin']).toBe('*')
    })

    test('introspection is for no page: its preflight is refused', async () => {
      const response = await request(makeApp(express).app).options('/oauth/introspect').set('Origin', origin)
      expect(response.status).toBe(405)
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    })

    test("O4: a success is for the client's own origins, an error for any", async () => {
      const { app, server } = makeApp(express)
      const refresh = async (from: string) => {
        const { refresh_token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
        const fields = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: asText(refresh_token) }
        return (await token(app, fields).set('Origin', from)).headers['access-control-allow-origin']
      }
      expect(await refresh(origin)).toBe(origin)
      expect(await refresh('https://other.example')).toBeUndefined()
      expect(await refresh('null')).toBeUndefined()
      const failed = await token(app, { client_id: 'spa' }).set('Origin', 'https://other.example')
      expect(failed.headers['access-control-allow-origin']).toBe('https://other.example')
    })

    test("cors: '*' opens token and revoke to every page, with credentials", async () => {
      const { app } = makeApp(express, { cors: '*' })
      const response = await token(app, clientCredentials).set({
        Origin: 'https://other.example',
        'Sec-Fetch-Site': 'cross-site',
      })
      expect(response.status).toBe(200)
      expect(response.headers).toMatchObject({
        'access-control-allow-origin': 'https://other.example',
        'access-control-allow-credentials': 'true',
      })
    })

    test("O4: the router's policy replaces that of a cors() before it", async () => {
      const { app } = makeApp(express, {
        before: (own) =>
          own.use((req, res, next) => {
            res.set({
              'Access-Control-Allow-Origin': asText(req.headers.origin),
              'Access-Control-Allow-Credentials': 'true',
            })
            next()
          }),
      })
      const response = await token(app, clientCredentials).set('Origin', 'https://other.example')
      expect(response.status).toBe(200)
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    })
  })

  test('H14: a storage that is down is a 503 with Retry-After', async () => {
    const { app, server } = makeApp(express, { server: { storage: brokenStorage() } })
    const failures: string[] = []
    server.on('request.failed', (event) => failures.push(event.phase))
    const other = makeApp(express)
    const { refresh_token } = await other.server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const response = await token(app, {
      grant_type: 'refresh_token',
      client_id: 'spa',
      refresh_token: asText(refresh_token),
    })
    expect([response.status, response.body.error, response.headers['retry-after']]).toEqual([
      503,
      'temporarily_unavailable',
      '1',
    ])
    expect(failures).toContain('storage')
  })
})
