import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import type { OAuthRouterOptions } from '@oauth-ratchet/express'
import type { ErrorRequestHandler } from 'express'
import {
  authorize,
  brokenStorage,
  clientCredentials,
  consentForm,
  decide,
  makeApp,
  token,
  versions,
} from './harness.js'

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

const grantAll = () => ({ scope: 'read write' })

describe.each(versions)('callbacks that fail on %s', (_name, express) => {
  const fault = new Error('secret detail')
  const rejects = () => Promise.reject(fault)
  const throws = () => {
    throw fault
  }

  /** An app whose error handler reports what it gets, and answers unless the answer has begun. */
  function reportingApp(options: OAuthRouterOptions & { server?: Partial<AuthorizationServerOptions> }) {
    const reported: unknown[] = []
    const { app, server } = makeApp(express, { passErrors: true, ...options })
    server.on('request.failed', () => {})
    const handler: ErrorRequestHandler = (error: { status: number }, _req, res, next) => {
      reported.push(error)
      if (res.headersSent) return next(error)
      res.status(error.status).send('a page of the app')
    }
    app.use(handler)
    return { app, reported }
  }

  test.each([
    ['signIn throws', { signIn: throws }],
    ['signIn rejects', { signIn: rejects }],
    ['signIn gives no subject', { signIn: () => ({ subject: '' }) }],
    ['signIn gives nonsense', { signIn: () => true as never }],
    ['consent throws', { consent: throws }],
    ['consent rejects', { consent: rejects }],
    ['consent gives nonsense', { consent: () => 'yes' as never }],
  ])(
    '%s: a 500 page that says whose fault it is, nothing of the cause, and an event',
    async (_case, options) => {
      const { app, server } = makeApp(express, options)
      const phases: string[] = []
      server.on('request.failed', (event) => phases.push(event.phase))
      const response = await authorize(app)
      expect(response.status).toBe(500)
      expect(response.headers).toMatchObject(pageHeaders)
      expect(response.headers).not.toHaveProperty('retry-after')
      expect(response.text).toContain('This application has a fault.')
      expect(response.text).not.toContain('Wait a moment')
      expect(response.text).not.toContain('secret detail')
      expect(phases).toEqual(['callback'])
    },
  )

  test('a throw after the answer was sent changes nothing', async () => {
    const { app, server } = makeApp(express, {
      signIn: (_req, res) => {
        res.send('sent')
        throw fault
      },
    })
    server.on('request.failed', () => {})
    expect((await authorize(app)).text).toBe('sent')
  })

  test('a throw in the middle of an answer breaks the connection off', async () => {
    const { app, server } = makeApp(express, {
      signIn: (_req, res) => {
        res.write('half')
        throw fault
      },
    })
    server.on('request.failed', () => {})
    await expect(authorize(app)).rejects.toThrow(/aborted|hang up/)
  })

  test('onDecision throws: a 500 page, and no code', async () => {
    const { app, server } = makeApp(express, { onDecision: throws })
    server.on('request.failed', () => {})
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect(response.status).toBe(500)
    expect(response.headers).not.toHaveProperty('location')
  })

  test('a sign-in that cannot be used is found out before any page is shown: a 500 page', async () => {
    const { app, server } = makeApp(express, {
      signIn: () => ({ subject: 'alice', claims: { sub: 'bob' } }),
    })
    server.on('request.failed', () => {})
    const response = await authorize(app)
    expect(response.status).toBe(500)
    expect(response.text).not.toContain('name="ratchet_consent"')
  })

  test('H14: an outage is a 503 page: of the storage, or of a client lookup that takes too long', async () => {
    for (const server of [
      { storage: brokenStorage() },
      { clients: () => new Promise<never>(() => {}), callbackTimeout: 0.02 },
    ]) {
      const at = makeApp(express, { consent: grantAll, server })
      at.server.on('request.failed', () => {})
      const response = await authorize(at.app)
      expect(response.status).toBe(503)
      expect(response.headers).toMatchObject({ ...pageHeaders, 'retry-after': '1' })
      expect(response.text).toContain('Wait a moment and try again.')
    }
  })

  test('a client lookup that throws is a fault of the app: a 500 page, and a 503 for a client', async () => {
    const { app, server } = makeApp(express, { server: { clients: () => Promise.reject(fault) } })
    const phases: string[] = []
    server.on('request.failed', (event) => phases.push(event.phase))
    expect((await authorize(app)).status).toBe(500)
    expect((await token(app, clientCredentials)).status).toBe(503)
    expect(phases).toEqual(['callback', 'callback'])
  })

  describe('with passErrors', () => {
    test('a callback that throws goes to the error handler, with what it threw as the cause', async () => {
      const { app, reported } = reportingApp({ signIn: throws })
      const response = await authorize(app)
      expect([response.status, response.text]).toEqual([500, 'a page of the app'])
      expect(reported).toMatchObject([
        { name: 'OAuthError', status: 500, cause: { callback: 'signIn', cause: fault } },
      ])
      expect((reported[0] as { cause: { cause: unknown } }).cause.cause).toBe(fault)
    })

    test('an outage goes there with its status, and Express writes it and Retry-After by itself', async () => {
      const { app, server } = makeApp(express, {
        passErrors: true,
        consent: grantAll,
        server: { storage: brokenStorage() },
      })
      server.on('request.failed', () => {})
      app.set('env', 'test')
      const response = await authorize(app)
      expect(response.status).toBe(503)
      expect(response.headers['retry-after']).toBe('1')
    })

    test('what is the request’s fault stays a page of the router’s', async () => {
      const { app, reported } = reportingApp({})
      const response = await authorize(app, { redirect_uri: 'https://evil.example/' })
      expect(response.status).toBe(400)
      expect(response.headers).toMatchObject(pageHeaders)
      expect(reported).toEqual([])
    })

    test('the token endpoint answers in JSON all the same', async () => {
      const { app, reported } = reportingApp({ server: { clients: () => Promise.reject(fault) } })
      const response = await token(app, clientCredentials)
      expect(response.status).toBe(503)
      expect(response.body).toMatchObject({ error: 'temporarily_unavailable' })
      expect(reported).toEqual([])
    })

    test('half an answer goes there and is broken off by Express; a whole one is left alone', async () => {
      const half = reportingApp({
        signIn: (_req, res) => {
          res.write('half')
          throw fault
        },
      })
      await expect(authorize(half.app)).rejects.toThrow(/aborted|hang up/)
      expect(half.reported).toHaveLength(1)

      const whole = reportingApp({
        signIn: (_req, res) => {
          res.send('sent')
          throw fault
        },
      })
      expect((await authorize(whole.app)).text).toBe('sent')
      expect(whole.reported).toEqual([])
    })
  })
})

test('without a listener a callback that throws leaves its stack on stderr', async () => {
  const written = jest.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    const [, express] = versions[0] ?? []
    if (express === undefined) throw new Error('There is no Express.')
    const { app } = makeApp(express, {
      signIn: () => (undefined as unknown as { id: string }).id as never,
    })
    await authorize(app)
    const text = written.mock.calls.map(([chunk]) => String(chunk)).join('')
    expect(text).toContain('The callback signIn threw')
    expect(text).toMatch(/caused by TypeError: .*\n {6}at .*callbacks\.test\.ts/)
  } finally {
    written.mockRestore()
  }
})
