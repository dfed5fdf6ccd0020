import request from 'supertest'
import {
  asText,
  authorizationQuery,
  authorize,
  issuer,
  makeApp,
  redirectUri,
  resultOf,
  token,
  verifier,
  versions,
} from './harness.js'

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}
function corsHeaders(response: { headers: object }): string[] {
  return Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))
}
const grantAll = () => ({ scope: 'read write' })

describe.each(versions)('authorization endpoint on %s', (_name, express) => {
  test('A10, A11, A12: a granted request is a 303 with code, state and iss, and the code works', async () => {
    const { app } = makeApp(express, { consent: () => ({ scope: ['read'] }) })
    const response = await authorize(app)
    expect(response.status).toBe(303)
    expect(response.headers['location']).toMatch(`${redirectUri}?`)
    const result = resultOf(response)
    expect(result).toMatchObject({ state: 'a b&=é"<>', iss: issuer })
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    const tokens = await token(app, {
      grant_type: 'authorization_code',
      client_id: 'spa',
      code: asText(result['code']),
      code_verifier: verifier,
      redirect_uri: redirectUri,
    })
    expect(tokens.body).toMatchObject({ token_type: 'Bearer', scope: 'read' })
  })

  test('A9: POST works as GET does, behind a body parser too', async () => {
    for (const parser of [undefined, express.urlencoded({ extended: true })]) {
      const { app } = makeApp(express, {
        consent: grantAll,
        before: (own) => void (parser && own.use(parser)),
      })
      const response = await request(app).post('/oauth/authorize').type('form').send(authorizationQuery())
      expect([response.status, Object.keys(resultOf(response))]).toEqual([303, ['code', 'state', 'iss']])
    }
  })

  test.each([
    ['no client', { client_id: undefined }],
    ['an unknown client', { client_id: 'nobody' }],
    ['a redirect URI that is not registered', { redirect_uri: 'https://app.example/cb/' }],
  ])('A1, A13, A15: %s is a page and no redirect', async (_case, changes) => {
    const { app, session } = makeApp(express)
    const response = await authorize(app, changes)
    expect(response.status).toBe(400)
    expect(response.headers).not.toHaveProperty('location')
    expect(response.headers).toMatchObject(pageHeaders)
    expect(response.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(session.asked).toEqual([])
  })

  test('other methods are a 405 page', async () => {
    const { app } = makeApp(express)
    for (const method of ['put', 'delete', 'options', 'head'] as const) {
      const response = await request(app)[method](`/oauth/authorize?${authorizationQuery()}`)
      expect([response.status, response.headers['allow']]).toEqual([405, 'GET, POST'])
    }
    const decision = await request(app).get('/oauth/authorize/decision')
    expect([decision.status, decision.headers['allow']]).toEqual([405, 'POST'])
  })

  test('a body over 16 kB is a 413 page', async () => {
    const response = await request(makeApp(express).app)
      .post('/oauth/authorize')
      .type('form')
      .send(`pad=${'x'.repeat(20_000)}`)
    expect(response.status).toBe(413)
    expect(response.headers).toMatchObject(pageHeaders)
  })

  test('A14: no Access-Control header, whatever the app has set', async () => {
    const { app, session } = makeApp(express, {
      before: (own) =>
        own.use((_req, res, next) => {
          res.set({
            'Access-Control-Allow-Origin': '*',
            'Access-Control-Allow-Credentials': 'true',
            'Access-Control-Expose-Headers': 'Location',
          })
          next()
        }),
    })
    const url = `/oauth/authorize?${authorizationQuery()}`
    const send = (method: 'get' | 'options' | 'post', at: string) =>
      request(app)[method](at).set('Origin', 'https://app.example')
    expect(corsHeaders(await send('get', url))).toEqual([])
    expect(corsHeaders(await send('options', url))).toEqual([])
    expect(corsHeaders(await send('get', '/oauth/authorize'))).toEqual([])
    expect(corsHeaders(await send('post', '/oauth/authorize/decision'))).toEqual([])
    session.signIn = undefined
    const toLogin = await send('get', url)
    expect([toLogin.status, corsHeaders(toLogin)]).toEqual([303, []])
  })

  describe('A6, A16: errors of the request', () => {
    const bad = { scope: 'admin' }

    test('go to the client once somebody has signed in', async () => {
      const { app, session } = makeApp(express)
      session.signIn = undefined
      const before = await authorize(app, bad)
      expect(before.headers['location']).toMatch(/^\/login\?/)
      session.signIn = { subject: 'alice' }
      const after = await authorize(app, bad)
      expect(after.status).toBe(303)
      expect(resultOf(after)).toMatchObject({ error: 'invalid_scope', state: 'a b&=é"<>', iss: issuer })
    })

    test('go at once with prompt=none', async () => {
      const { app, session } = makeApp(express)
      session.signIn = undefined
      const response = await authorize(app, { ...bad, prompt: 'none' })
      expect(resultOf(response)).toMatchObject({ error: 'invalid_scope' })
      expect(session.asked).toEqual([])
    })

    test('K1, K3, A7, A8: each has its code', async () => {
      const { app } = makeApp(express)
      const errorOf = async (changes: Record<string, string | undefined>) =>
        resultOf(await authorize(app, changes))['error']
      expect(await errorOf({ code_challenge: undefined, code_challenge_method: undefined })).toBe(
        'invalid_request',
      )
      expect(await errorOf({ code_challenge_method: undefined })).toBe('invalid_request')
      expect(await errorOf({ response_type: 'token' })).toBe('unsupported_response_type')
      const twice = await request(app).get(`/oauth/authorize?${authorizationQuery()}&scope=read`)
      expect(resultOf(twice)['error']).toBe('invalid_request')
    })
  })

  describe('consent by callback', () => {
    test('deny is access_denied', async () => {
      const { app } = makeApp(express, { consent: () => 'deny' })
      expect(resultOf(await authorize(app))).toMatchObject({ error: 'access_denied', iss: issuer })
    })

    test('a scope that was not asked for is not granted', async () => {
      const { app } = makeApp(express, { consent: () => ({ scope: 'read write admin' }) })
      const { code } = resultOf(await authorize(app, { scope: 'read' }))
      const tokens = await token(app, {
        grant_type: 'authorization_code',
        client_id: 'spa',
        code: asText(code),
        code_verifier: verifier,
      })
      expect(tokens.body.scope).toBe('read')
    })

    test('prompt=none: a remembered consent grants, anything else is consent_required', async () => {
      const silent = { prompt: 'none' }
      const granting = makeApp(express, { consent: grantAll })
      expect(resultOf(await authorize(granting.app, silent))).toHaveProperty('code')
      for (const consent of [undefined, () => 'ask' as const, () => {}]) {
        const { app } = makeApp(express, { ...(consent !== undefined && { consent }) })
        expect(resultOf(await authorize(app, silent))).toMatchObject({ error: 'consent_required' })
      }
    })

    test('a callback that answers later is waited for', async () => {
      const { app } = makeApp(express, {
        consent: (_req, res, { form }) => void setTimeout(() => res.send(form.action), 10),
      })
      expect((await authorize(app)).text).toBe('/oauth/authorize/decision')
    })
  })
})
