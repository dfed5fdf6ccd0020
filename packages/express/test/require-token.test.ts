import { OAuthError } from '@oauth-ratchet/core'
import type { Auth } from '@oauth-ratchet/core'
import { getAuth, requireToken } from '@oauth-ratchet/express'
import type { RequireTokenOptions } from '@oauth-ratchet/express'
import type { ErrorRequestHandler } from 'express'
import request from 'supertest'
import { tampered } from '../../core/test/setup/tampered.js'
import { asText, brokenStorage, issuer, makeServer, serviceSecret, versions } from './harness.js'

describe.each(versions)('requireToken on %s', (_name, express) => {
  async function guarded(options: RequireTokenOptions = {}) {
    const { server, clock } = makeServer()
    const tokens = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const service = await server.endpoints.token({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      query: '',
      body: Buffer.from(`grant_type=client_credentials&client_id=service&client_secret=${serviceSecret}`),
    })
    const app = express()
    app.use(express.urlencoded({ extended: false }), express.json())
    app.all('/notes', requireToken(server, options), (req, res) => {
      const { auth, user, caller } = req as { auth?: Auth; user?: unknown; caller?: Auth }
      res.json({ auth, user, caller, typed: getAuth(req, { optional: true }) })
    })
    const get = (authorization?: string) => {
      const sent = request(app).get('/notes')
      return authorization === undefined ? sent : sent.set('Authorization', authorization)
    }
    return {
      app,
      server,
      clock,
      get,
      access: tokens.access_token,
      refresh: asText(tokens.refresh_token),
      service: (JSON.parse(service.body) as { access_token: string }).access_token,
    }
  }

  test('B3: a good token is at req.auth and in getAuth, whatever the case of the scheme', async () => {
    const { get, access } = await guarded({ scope: 'read' })
    for (const scheme of ['Bearer', 'bEaReR']) {
      const response = await get(`${scheme} ${access}`)
      expect(response.status).toBe(200)
      expect(response.body.auth).toMatchObject({
        clientId: 'spa',
        subject: 'alice',
        scope: ['read', 'write'],
      })
      expect(response.body.typed).toEqual(response.body.auth)
      expect(response.body).not.toHaveProperty('user')
    }
  })

  test('B1: without a token, and with another scheme, the challenge names no error', async () => {
    const { get } = await guarded({ scope: ['read', 'write'] })
    for (const authorization of [undefined, 'Basic YTpi', 'DPoP x', 'BearerX y']) {
      const response = await get(authorization)
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toBe(`Bearer realm="${issuer}", scope="read write"`)
    }
  })

  test('B1, B7: garbage, a refresh token, an expired and a revoked one are invalid_token', async () => {
    const { get, access, refresh, clock, server } = await guarded()
    const refused = async (token: string) => {
      const response = await get(`Bearer ${token}`)
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toMatch(
        /^Bearer realm="https:\/\/auth\.example\.com", error="invalid_token", error_description="[^"\\]+"$/,
      )
    }
    await refused('garbage')
    await refused(refresh)
    await refused(tampered(access))
    await server.tokens.revoke(access)
    await refused(access)
    const later = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    clock.now += 901_000
    await refused(later.access_token)
  })

  test('B2: a scope that lacks is 403 insufficient_scope with the scope needed', async () => {
    const { get, service } = await guarded({ scope: 'read write' })
    const response = await get(`Bearer ${service}`)
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="read write"$/)
  })

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Bearer =', 'Bearer "x"'])(
    'B2: %p is malformed: 400 invalid_request',
    async (authorization) => {
      const { get } = await guarded()
      const response = await get(authorization)
      expect(response.status).toBe(400)
      expect(response.headers['www-authenticate']).toContain('error="invalid_request"')
    },
  )

  test('B2: a token in the header and in a form is 400; in JSON it is data', async () => {
    const { app, access } = await guarded()
    const post = () => request(app).post('/notes').set('Authorization', `Bearer ${access}`)
    expect((await post().type('form').send({ access_token: access })).status).toBe(400)
    expect((await post().send({ access_token: access })).status).toBe(200)
  })

  test('B2: two Authorization headers are 400', async () => {
    const { app, access } = await guarded()
    const response = await request(app)
      .get('/notes')
      .set('Authorization', [`Bearer ${access}`, 'Bearer other'] as never)
    expect(response.status).toBe(400)
  })

  test('B3: a token in the query or in the form alone is ignored', async () => {
    const { app, access } = await guarded()
    const query = await request(app).get(`/notes?access_token=${access}`)
    expect([query.status, query.headers['www-authenticate']]).toEqual([401, `Bearer realm="${issuer}"`])
    const form = await request(app).post('/notes').type('form').send({ access_token: access })
    expect(form.status).toBe(401)
  })

  test('B6: a token for another audience is invalid_token', async () => {
    const { get, access } = await guarded({ audience: 'https://api.example' })
    expect((await get(`Bearer ${access}`)).status).toBe(401)
    const fitting = await guarded({ audience: ['https://api.example', issuer] })
    expect((await fitting.get(`Bearer ${fitting.access}`)).status).toBe(200)
  })

  test('checkGrant reaches the server', async () => {
    const { server } = makeServer({ accessToken: { format: 'jwt' } })
    const { access_token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    await server.tokens.revoke(access_token)
    const app = express()
    app.get('/asking', requireToken(server), (_req, res) => void res.end())
    app.get('/believing', requireToken(server, { checkGrant: false }), (_req, res) => void res.end())
    const get = (path: string) => request(app).get(path).set('Authorization', `Bearer ${access_token}`)
    expect((await get('/asking')).status).toBe(401)
    expect((await get('/believing')).status).toBe(200)
  })

  test.each(['Bearer', 'Bearer ', 'bearer   '])(
    'optional: %p, with nothing after it, is no token',
    async (empty) => {
      const response = await (await guarded({ optional: true })).get(empty)
      expect([response.status, response.body]).toEqual([200, {}])
    },
  )

  test('optional: an empty Bearer beside a second header is not let through', async () => {
    const { app, access } = await guarded({ optional: true })
    const response = await request(app)
      .get('/notes')
      .set('Authorization', ['Bearer', `Bearer ${access}`] as never)
    expect(response.status).toBe(400)
  })

  test('optional: no token passes on without auth, a bad one does not pass', async () => {
    const { get, access } = await guarded({ optional: true })
    const none = await get()
    expect([none.status, none.body]).toEqual([200, {}])
    expect((await get('Basic YTpi')).status).toBe(200)
    expect((await get('Bearer garbage')).status).toBe(401)
    for (const malformed of ['Bearer a b', 'Bearer "x"']) expect((await get(malformed)).status).toBe(400)
    expect((await get(`Bearer ${access}`)).body.auth.subject).toBe('alice')
  })

  test("subject: 'user' refuses client credentials with 403", async () => {
    const user = await guarded({ subject: 'user' })
    const refused = await user.get(`Bearer ${user.service}`)
    expect(refused.status).toBe(403)
    expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope"')
    expect((await user.get(`Bearer ${user.access}`)).status).toBe(200)
    const any = await guarded()
    expect((await any.get(`Bearer ${any.service}`)).status).toBe(200)
  })

  test('user fills req.user; nobody found is invalid_token; client credentials have no user', async () => {
    const users: Record<string, object> = { alice: { name: 'Alice' } }
    const found = await guarded({ user: (auth) => Promise.resolve(users[auth.subject ?? '']) })
    expect((await found.get(`Bearer ${found.access}`)).body.user).toEqual({ name: 'Alice' })
    const client = await found.get(`Bearer ${found.service}`)
    expect([client.status, 'user' in client.body]).toEqual([200, false])
    for (const user of [() => null, () => undefined, () => false]) {
      const gone = await guarded({ user })
      const response = await gone.get(`Bearer ${gone.access}`)
      expect(response.status).toBe(401)
      expect(response.headers['www-authenticate']).toContain('error="invalid_token"')
    }
  })

  test("what user throws goes to the app's error handler unchanged", async () => {
    const fault = Object.assign(new Error('database down'), { status: 502 })
    const { get, access } = await guarded({ user: () => Promise.reject(fault) })
    expect((await get(`Bearer ${access}`)).status).toBe(502)
  })

  test('property names where auth goes', async () => {
    const { get, access } = await guarded({ property: 'caller' })
    const { body } = await get(`Bearer ${access}`)
    expect(body.caller.subject).toBe('alice')
    expect(body).not.toHaveProperty('auth')
    expect(body.typed.subject).toBe('alice')
  })

  test('H14: a storage that is down is a 503 with Retry-After, and no challenge', async () => {
    const { access } = await guarded()
    const { server } = makeServer({ storage: brokenStorage() })
    server.on('request.failed', () => {})
    const app = express()
    app.get('/notes', requireToken(server))
    const response = await request(app).get('/notes').set('Authorization', `Bearer ${access}`)
    expect([response.status, response.headers['retry-after']]).toEqual([503, '1'])
    expect(response.headers).not.toHaveProperty('www-authenticate')
  })

  test("the error has what error handlers ask for, and Express's own writes status and headers", async () => {
    const { server } = makeServer()
    const app = express()
    app.get('/notes', requireToken(server))
    const bare = await request(app).get('/notes').set('Authorization', 'Bearer garbage')
    expect([bare.status, bare.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8'])
    expect(bare.headers['www-authenticate']).toContain('error="invalid_token"')

    const seen: unknown[] = []
    app.use(((error, _req, res, _next) => {
      seen.push(error)
      res.end()
    }) as ErrorRequestHandler)
    await request(app).get('/notes').set('Authorization', 'Bearer garbage')
    expect(seen[0]).toBeInstanceOf(OAuthError)
    expect(seen[0]).toMatchObject({ status: 401, statusCode: 401, code: 'invalid_token' })
  })

  test("getAuth with subject: 'user' is typed as of a user, and refuses what is of none", async () => {
    const { server, service, access } = await guarded()
    const app = express()
    app.get('/notes', requireToken(server), (req, res) => {
      const { subject, grantId } = getAuth(req, { subject: 'user' })
      // Compiles only where both are strings.
      const both: readonly [string, string] = [subject, grantId]
      res.json(both)
    })
    let code: unknown
    app.use(((error, _req, res, _next) => {
      code = error.code
      res.status(500).end()
    }) as ErrorRequestHandler)
    const as = (token: string) => request(app).get('/notes').set('Authorization', `Bearer ${token}`)
    expect((await as(access)).body).toEqual(['alice', expect.any(String)])
    expect((await as(service)).status).toBe(500)
    expect(code).toBe('express.no_user')
  })

  test('getAuth says what is missing', async () => {
    const { server } = makeServer()
    const app = express()
    app.get('/unguarded', (req, res) => void res.json(getAuth(req)))
    app.get('/optional', requireToken(server, { optional: true }), (req, res) => void res.json(getAuth(req)))
    const messages: string[] = []
    app.use(((error, _req, res, _next) => {
      messages.push(error.code, error.message)
      res.status(500).end()
    }) as ErrorRequestHandler)
    await request(app).get('/unguarded')
    await request(app).get('/optional')
    expect(messages[0]).toBe('express.no_auth')
    expect(messages[1]).toContain('requireToken(server)')
    expect(messages[2]).toBe('express.no_auth')
  })
})
