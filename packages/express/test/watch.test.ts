import type { Response } from 'express'
import helmet from 'helmet'
import request from 'supertest'
import type { SignInCallback } from '@oauth-ratchet/express'
import { authorize, consentForm, decide, makeApp, versions, warningsOf } from './harness.js'

/** The message of the first warning with this code, as soon as there is one. */
function warning(code: string): Promise<string> {
  return new Promise((resolve) => {
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
      if ((options as { code?: unknown } | undefined)?.code !== code) return
      spy.mockRestore()
      resolve(String(message))
    })
  })
}

const soon = { callbackTimeout: 0.01 }

describe.each(versions)('a callback that leaves the browser waiting on %s', (_name, express) => {
  test.each([
    ['signIn', 'gives nothing and sends nothing', { signIn: () => {} }],
    ['signIn', 'never settles', { signIn: (() => new Promise(() => {})) as SignInCallback }],
    ['consent', 'gives nothing and sends nothing', { consent: () => {} }],
    [
      'pages.errorPage',
      'sends nothing',
      { consent: () => Promise.reject(new Error('x')), pages: { errorPage: () => {} } },
    ],
  ])('%s that %s is warned of after callbackTimeout', async (name, _how, options) => {
    const { app, server } = makeApp(express, { ...options, server: soon })
    server.on('request.failed', () => {})
    const warned = warning('OAUTH_RATCHET_NO_ANSWER')
    const sent = authorize(app)
    const ended = sent.then(
      () => 'answered',
      () => 'aborted',
    )
    expect(await warned).toContain(`${name} was called 0.01 s ago`)
    sent.abort()
    await Promise.race([ended, new Promise((done) => setImmediate(done))])
  })

  test('onDecision that never settles is warned of', async () => {
    const { app } = makeApp(express, { onDecision: () => new Promise(() => {}), server: soon })
    const { sealed, cookie } = await consentForm(app)
    const warned = warning('OAUTH_RATCHET_NO_ANSWER')
    const sent = decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    sent.then(undefined, () => {})
    expect(await warned).toContain('onDecision')
    sent.abort()
  })

  test('is not cut off: what comes after the warning is the answer', async () => {
    const waiting: Response[] = []
    const { app } = makeApp(express, { server: soon, signIn: (_req, res) => void waiting.push(res) })
    const warned = warning('OAUTH_RATCHET_NO_ANSWER')
    const sent = authorize(app).then((response) => response.text)
    await warned
    waiting[0]?.send('late')
    expect(await sent).toBe('late')
  })
})

describe.each(versions)('form-action in a policy of the app on %s', (_name, express) => {
  const code = 'OAUTH_RATCHET_FORM_ACTION'
  const policy = "default-src 'self'; form-action 'self'"

  test("of helmet's default is warned of once, and not once it is left out", async () => {
    const lenient = helmet({ contentSecurityPolicy: { directives: { 'form-action': null } } })
    for (const [middleware, expected] of [[helmet(), [code]] as const, [lenient, []] as const]) {
      const { app } = makeApp(express, { before: (own) => own.use(middleware) })
      const codes = await warningsOf(async () => {
        const { sealed, cookie } = await consentForm(app)
        await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
      })
      expect(codes).toEqual(expected)
    }
  })

  test('on a page that a callback sends is warned of', async () => {
    const consent = makeApp(express, {
      consent: (_req, res) => void res.set('Content-Security-Policy', policy).send('my page'),
    })
    expect(await warningsOf(async () => authorize(consent.app))).toEqual([code])
    const login = makeApp(express, {
      signIn: (_req, res) =>
        void setImmediate(() => res.set('Content-Security-Policy', policy).send('my login')),
    })
    expect(await warningsOf(async () => authorize(login.app))).toEqual([code])
  })

  test('is not warned of elsewhere, nor is a policy without it', async () => {
    const { app } = makeApp(express, {
      before: (own) =>
        own.use('/oauth/token', (_req, res, next) => {
          res.set('Content-Security-Policy', policy)
          next()
        }),
    })
    const codes = await warningsOf(async () => {
      await request(app).post('/oauth/token')
      await authorize(app)
      await authorize(app, { client_id: 'nobody' })
    })
    expect(codes).toEqual([])
  })
})
