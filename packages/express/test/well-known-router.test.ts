import { oauthRouter, wellKnownRouter } from '@oauth-ratchet/express'
import request from 'supertest'
import { makeApp, makeServer, versions, warningsOf } from './harness.js'

const path = '/.well-known/oauth-authorization-server'

describe.each(versions)('wellKnownRouter on %s', (_name, express) => {
  const appFor = (...issuers: string[]) => {
    const app = express()
    for (const issuer of issuers) app.use(wellKnownRouter(makeServer({ issuer }).server))
    return app
  }

  test.each([
    ['https://x.example', path],
    ['https://x.example/', path],
    ['https://x.example/t1', `${path}/t1`],
    ['https://x.example/t1/', `${path}/t1`],
    ['https://x.example/a/b', `${path}/a/b`],
  ])('M1: the document of %s is at %s', async (issuer, expected) => {
    const response = await request(appFor(issuer)).get(expected)
    expect(response.status).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    })
    expect(response.body.issuer).toBe(issuer)
    expect((await request(appFor(issuer)).get(`${expected}/`)).status).toBe(200)
  })

  test('M1: an issuer with a path has nothing at the root, and issuers do not answer for each other', async () => {
    const app = appFor('https://x.example/t1', 'https://x.example/t2')
    expect((await request(app).get(path)).status).toBe(404)
    expect((await request(app).get(`${path}/t3`)).status).toBe(404)
    expect((await request(app).get(`${path}/t1/more`)).status).toBe(404)
    expect((await request(app).get(`${path}/t1`)).body.issuer).toBe('https://x.example/t1')
    expect((await request(app).get(`${path}/t2`)).body.issuer).toBe('https://x.example/t2')
  })

  test('M1, M4: every endpoint of an issuer with a path is where it is advertised', async () => {
    const issuer = 'https://x.example/t1'
    const { server } = makeServer({ issuer })
    const app = express()
    app.use(wellKnownRouter(server))
    app.use('/t1/oauth', oauthRouter(server, { signIn: () => ({ subject: 'alice' }) }))
    const { body } = await request(app).get(`${path}/t1`)
    const statusOf = async (member: string, method: 'get' | 'post') => {
      const url: string = body[member]
      expect(url.startsWith(`${issuer}/`)).toBe(true)
      return (await request(app)[method](new URL(url).pathname)).status
    }
    expect(await statusOf('token_endpoint', 'post')).toBe(400)
    expect(await statusOf('revocation_endpoint', 'post')).toBe(400)
    expect(await statusOf('introspection_endpoint', 'post')).toBe(401)
    expect(await statusOf('jwks_uri', 'get')).toBe(200)
    expect(await statusOf('authorization_endpoint', 'get')).toBe(400)
  })

  test('M1: nothing is at openid-configuration', async () => {
    const { app } = makeApp(express)
    for (const other of ['/.well-known/openid-configuration', '/oauth/.well-known/openid-configuration'])
      expect((await request(app).get(other)).status).toBe(404)
  })

  test.each([
    ['https://x.example', ['/.well-known/openid-configuration']],
    [
      'https://x.example/t1',
      ['/.well-known/openid-configuration/t1', '/t1/.well-known/openid-configuration'],
    ],
    [
      'https://x.example/t1/',
      ['/.well-known/openid-configuration/t1', '/t1/.well-known/openid-configuration'],
    ],
  ])('M1: by option the document of %s is at openid-configuration too', async (issuer, places) => {
    const app = express()
    app.use(wellKnownRouter(makeServer({ issuer }).server, { openidConfiguration: true }))
    const [standard] = [`${path}${new URL(issuer).pathname.replace(/\/$/, '')}`]
    const { body } = await request(app).get(standard)
    for (const place of places) {
      const response = await request(app).get(place)
      expect(response.body).toEqual(body)
      expect(response.headers['access-control-allow-origin']).toBe('*')
      expect((await request(app).options(place)).status).toBe(204)
      expect((await request(app).post(place)).status).toBe(405)
    }
    expect((await request(app).get('/t2/.well-known/openid-configuration')).status).toBe(404)
    if (places.length > 1)
      expect((await request(app).get('/.well-known/openid-configuration')).status).toBe(404)
  })

  test('the document claims nothing of OpenID Connect, also at openid-configuration', async () => {
    const app = express()
    app.use(wellKnownRouter(makeServer().server, { openidConfiguration: true }))
    const { body } = await request(app).get('/.well-known/openid-configuration')
    expect(Object.keys(body).filter((name) => /id_token|subject_types|userinfo|claims/.test(name))).toEqual(
      [],
    )
  })

  test('M2: the issuer does not come from Host', async () => {
    const response = await request(appFor('https://x.example')).get(path).set('Host', 'evil.example')
    expect(response.body.issuer).toBe('https://x.example')
    expect(response.text).not.toContain('evil')
  })

  test('M3, M6: with signIn the authorization endpoint is told of', async () => {
    const response = await request(makeApp(express).app).get(path)
    expect(response.body).toMatchObject({
      authorization_endpoint: 'https://auth.example.com/oauth/authorize',
      authorization_response_iss_parameter_supported: true,
    })
  })

  test('HEAD has headers only; other methods are 405', async () => {
    const app = appFor('https://x.example')
    const head = await request(app).head(path)
    expect([head.status, head.text]).toEqual([200, undefined])
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0)
    const posted = await request(app).post(path)
    expect([posted.status, posted.headers['allow'], posted.body.error]).toEqual([
      405,
      'GET, HEAD',
      'invalid_request',
    ])
  })

  test('O2: a preflight from anywhere allows MCP-Protocol-Version', async () => {
    const response = await request(appFor('https://x.example'))
      .options(path)
      .set('Origin', 'https://any.example')
    expect(response.status).toBe(204)
    expect(response.headers['access-control-allow-origin']).toBe('https://any.example')
    expect(response.headers['access-control-allow-headers']).toContain('MCP-Protocol-Version')
  })

  test('a preflight allows the headers that libraries add', async () => {
    const response = await request(appFor('https://x.example'))
      .options(path)
      .set({ Origin: 'https://any.example', 'Access-Control-Request-Headers': 'sentry-trace,traceparent' })
    expect(response.headers['access-control-allow-headers']).toBe('sentry-trace,traceparent')
  })

  test('a mount below the root is warned of and not answered', async () => {
    const app = express()
    app.use('/t1', wellKnownRouter(makeServer({ issuer: 'https://x.example/t1' }).server))
    const ask = async () => expect((await request(app).get(`/t1${path}/t1`)).status).toBe(404)
    expect(await warningsOf(async () => [await ask(), await ask()])).toEqual([
      'OAUTH_RATCHET_WELL_KNOWN_MOUNT',
    ])
    const { server } = makeServer({ issuer: 'https://x.example/t1' })
    app.use('/t1', wellKnownRouter(server, { openidConfiguration: true }))
    const openid = () => request(app).get('/t1/.well-known/openid-configuration')
    expect(await warningsOf(openid)).toEqual(['OAUTH_RATCHET_WELL_KNOWN_MOUNT'])
  })
})
