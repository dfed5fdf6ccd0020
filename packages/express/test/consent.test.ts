import { createHash } from 'node:crypto'
import type { Decision } from '@oauth-ratchet/express'
import helmet from 'helmet'
import request from 'supertest'
import {
  asText,
  authorize,
  clients,
  consentForm,
  cookieOf,
  decide,
  issuer,
  makeApp,
  redirectUri,
  resultOf,
  token,
  verifier,
  versions,
  warningsOf,
} from './harness.js'

describe.each(versions)('consent page on %s', (_name, express) => {
  test('A13, A15: nothing can frame, cache or inject into it, and helmet does not weaken or break it', async () => {
    const { app } = makeApp(express, { before: (own) => own.use(helmet()) })
    const { response } = await consentForm(app)
    expect(response.status).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.any(String),
    })
    expect(response.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'; base-uri 'none'$/,
    )
  })

  test('its Content-Security-Policy lets exactly its own style through', async () => {
    const { response } = await consentForm(makeApp(express).app)
    const style = /<style>([^]*)<\/style>/.exec(response.text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(response.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}';`)
  })

  test('it says who asks, for what, and where the browser goes', async () => {
    const { response } = await consentForm(makeApp(express).app)
    expect(response.text).toContain('<h1>Allow “Notebook” to use your account?</h1>')
    expect(response.text).toContain('<html lang="en" dir="ltr">')
    expect(response.text).toContain('Read your &lt;notes&gt;')
    expect(response.text).toContain('<code class="quiet">write</code>')
    expect(response.text).toContain('<strong>app.example</strong>')
    expect(response.text).toMatch(/<button class="primary" name="decision" value="approve">\s*Allow/)
    expect(response.text).toMatch(/<button name="decision" value="deny">\s*Deny/)
    expect(response.text).not.toContain('<script')
  })

  test.each([
    ['', {}, undefined, '180 days at most, or until it has made no use of it for 30 days.'],
    [' with one limit', { absoluteLifetime: 86_400 }, undefined, '1 day at most.'],
    [
      ' without an absolute limit',
      { absoluteLifetime: null },
      undefined,
      'until it has made no use of it for 30 days.',
    ],
    [
      ' that signIn shortens',
      {},
      { absolute: 5400, idle: 60 },
      '90 minutes at most, or until it has made no use of it for 1 minute.',
    ],
  ])('it says for how long%s (RFC 6749 §10.2)', async (_case, refreshToken, lifetimes, words) => {
    const signIn = () => ({ subject: 'alice', lifetimes })
    const { response } = await consentForm(makeApp(express, { signIn, server: { refreshToken } }).app, {
      scope: 'read',
    })
    expect(response.text).toContain(
      `<p>It gets access ${words.startsWith('until') ? '' : 'for '}${words}</p>`,
    )
  })

  test('it says how long an access token lasts to a client that gets no refresh token, and a page of the app is told', async () => {
    const changes = { client_id: 'evil', redirect_uri: 'com.example.app:/cb', scope: 'read' }
    const { response } = await consentForm(makeApp(express).app, changes)
    expect(response.text).toContain('<p>It gets access for 15 minutes at most.</p>')
    const own = makeApp(express, { consent: (_req, res, { lifetimes }) => void res.send(lifetimes) })
    expect((await authorize(own.app, changes)).body).toEqual({ idle: 900, absolute: 900 })
  })

  test('A18: what the client registered and sent is escaped, and cannot turn the text around', async () => {
    const { app } = makeApp(express)
    const changes = {
      client_id: 'evil',
      redirect_uri: 'com.example.app:/cb',
      scope: 'read',
      state: '"><script>',
    }
    const { response } = await consentForm(app, changes)
    expect(response.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(response.text).not.toMatch(/<script|\u202e/)
    expect(response.text).toContain('<strong>com.example.app:</strong>')
  })

  test.each([
    ['http://app.localhost:4000/cb', 'a program on this device (<strong>app.localhost:4000</strong>)'],
    ['http://app:4000/cb', 'sent on to <strong>app:4000</strong>'],
  ])('it says whether %s is on this device', async (redirect_uri, words) => {
    const client = { ...clients[0], redirect_uris: [redirect_uri] }
    const server = {
      issuer: 'http://auth:3000',
      allowInsecureIssuer: 'private-network',
      clients: [client],
    } as const
    await warningsOf(async () => {
      const { response } = await consentForm(makeApp(express, { server }).app, { redirect_uri })
      expect(response.text).toContain(words)
      expect(response.headers['set-cookie']?.[0]).toMatch(
        /^oauth-ratchet-[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
      )
    })
  })

  test('no form-action is on it: Chromium applies that to where the callback of a client redirects to', async () => {
    const { app } = makeApp(express, { before: (own) => own.use(helmet()) })
    const { response } = await consentForm(app)
    expect(response.headers['content-security-policy']).not.toContain('form-action')
  })

  test('A18: what an error echoes is escaped', async () => {
    const { app } = makeApp(express)
    const response = await request(app).get('/oauth/authorize?client_id=spa&redirect_uri=%22%3E%3Cscript%3E')
    expect(response.status).toBe(400)
    expect(response.text).not.toContain('<script')
  })

  test('A17: an approval gives a code for all that was asked for', async () => {
    const { app } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect(response.status).toBe(303)
    const { code, state, iss } = resultOf(response)
    expect([state, iss]).toEqual(['a b&=é"<>', issuer])
    const tokens = await token(app, {
      grant_type: 'authorization_code',
      client_id: 'spa',
      code: asText(code),
      code_verifier: verifier,
      redirect_uri: redirectUri,
    })
    expect(tokens.body.scope).toBe('read write')
  })

  test('it works behind a body parser of the app', async () => {
    const { app } = makeApp(express, { before: (own) => own.use(express.urlencoded({ extended: true })) })
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect(resultOf(response)).toHaveProperty('code')
  })

  test('A6: a denial is access_denied', async () => {
    const { app } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'deny' })
    expect(response.status).toBe(303)
    expect(resultOf(response)).toMatchObject({ error: 'access_denied', iss: issuer })
  })

  test('it is shown every time when there is no consent callback, and when the callback says ask', async () => {
    for (const consent of [undefined, () => 'ask' as const]) {
      const { app } = makeApp(express, { ...(consent !== undefined && { consent }) })
      for (let round = 0; round < 2; round++) expect((await consentForm(app)).sealed).not.toBe('')
    }
  })

  describe("the app's own page", () => {
    test('posts back with the fields it was given, and can narrow the scope', async () => {
      const decisions: Decision[] = []
      const { app } = makeApp(express, {
        consent: (_req, res, { form }) => void res.json(form),
        onDecision: (_req, _res, _request, decision) => void decisions.push(decision),
      })
      const page = await authorize(app)
      const cookie = cookieOf(page)
      expect(page.body.action).toBe('/oauth/authorize/decision')
      const narrow = (scope: string) =>
        request(app)
          .post(page.body.action)
          .set('Cookie', cookie)
          .type('form')
          .send(`${new URLSearchParams(page.body.fields)}&decision=approve&${scope}`)
      for (const scope of ['scope=read', 'scope=&scope=read', 'scope=read+admin', 'scope=read&scope=write'])
        expect(resultOf(await narrow(scope))).toHaveProperty('code')
      // A code for nothing would be taken for one of all that was asked for (RFC 6749 §5.1).
      expect(resultOf(await narrow('scope='))).toMatchObject({ error: 'access_denied' })
      expect(decisions).toEqual([
        { scope: ['read'] },
        { scope: ['read'] },
        { scope: ['read'] },
        { scope: ['read', 'write'] },
        { scope: [] },
      ])
    })
  })

  describe('onDecision', () => {
    test('is told before the redirect, with the request', async () => {
      const told: unknown[] = []
      const { app } = makeApp(express, {
        onDecision: (_req, res, { client }, decision) => {
          told.push(client.client_id, decision, res.headersSent)
          res.cookie('remembered', '1')
        },
      })
      const { sealed, cookie } = await consentForm(app)
      const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
      expect(told).toEqual(['spa', { scope: ['read', 'write'] }, false])
      expect(asText(response.headers['set-cookie'])).toContain('remembered=1')
      await decide(app, cookie, { ratchet_consent: sealed, decision: 'deny' })
      expect(told[4]).toBe('deny')
    })

    test('is not called for a form that is refused, and stops the grant when it throws', async () => {
      let calls = 0
      const { app, server } = makeApp(express, {
        onDecision: () => {
          calls++
          throw new Error('secret detail')
        },
      })
      server.on('request.failed', () => {})
      const { sealed, cookie } = await consentForm(app)
      await decide(app, '', { ratchet_consent: sealed, decision: 'approve' })
      expect(calls).toBe(0)
      const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
      expect([response.status, 'location' in response.headers]).toEqual([500, false])
    })
  })
})
