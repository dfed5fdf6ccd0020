import { OAuthError } from '@oauth-ratchet/core'
import { oauthErrorHandler, requireToken } from '@oauth-ratchet/express'
import type { Express } from 'express'
import request from 'supertest'
import {
  asText,
  authorize,
  clientCredentials,
  consentForm,
  decide,
  makeApp,
  token,
  versions,
} from './harness.js'

/** Headers that an app makes of something it was given, and Node refuses to write. */
const headers = { 'x-reason': 'first\nsecond' }
/** The constructor refuses them; here they are put on afterwards. */
const fails = () => Promise.reject(Object.assign(new OAuthError('access_denied', 'Not here.'), { headers }))

const user = () => {
  throw new OAuthError('access_denied', 'Not here.', { headers })
}

/** What no handler of a promise has seen ends a process; here it is kept for the test to look at. */
const unhandled: unknown[] = []
const keep = (reason: unknown) => void unhandled.push(reason)
beforeAll(() => process.on('unhandledRejection', keep))
afterAll(() => process.off('unhandledRejection', keep))
afterEach(async () => {
  // Node reports what nobody handled after the microtasks of the turn in which it was rejected.
  await new Promise((done) => setImmediate(done))
  expect(unhandled.splice(0)).toEqual([])
})

/** A middleware that fails whenever headers are written, as a session that cannot be saved does. */
function failingAtHeaders(app: Express): void {
  app.use((_req, res, next) => {
    res.writeHead = () => {
      throw new Error('The session cannot be written.')
    }
    next()
  })
}

describe.each(versions)('an error that cannot be written on %s', (_name, express) => {
  test.each([
    ['signIn', { signIn: fails }],
    ['consent', { consent: fails }],
    ['pages.errorPage', { consent: fails, pages: { errorPage: fails } }],
  ])('from %s is a bare 500 and an event', async (_case, options) => {
    const { app, server } = makeApp(express, options)
    const failures: string[] = []
    server.on('request.failed', ({ error }) => failures.push(String(error)))
    const response = await authorize(app)
    expect([response.status, response.text]).toEqual([500, 'The server failed.'])
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(response.headers).not.toHaveProperty('x-reason')
    expect(failures.join()).toContain('Invalid character in header content')
  })

  test('from onDecision is a bare 500, and nothing is granted', async () => {
    const { app, server } = makeApp(express, { onDecision: fails })
    server.on('request.failed', () => {})
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect([response.status, response.headers['location']]).toEqual([500, undefined])
  })

  test('from authenticateUser is a 500 of the token endpoint', async () => {
    const { app, server } = makeApp(express, {
      server: {
        authenticateUser: fails,
        clients: [
          { client_id: 'old', client_secret: 'o'.repeat(43), grant_types: ['password'], scope: 'read' },
        ],
      },
    })
    server.on('request.failed', () => {})
    const response = await token(app, {
      grant_type: 'password',
      client_id: 'old',
      client_secret: 'o'.repeat(43),
      username: 'alice',
      password: 'wonderland',
    })
    expect(response.status).toBeGreaterThanOrEqual(500)
    expect(response.headers).not.toHaveProperty('x-reason')
  })

  test('from the user of requireToken cannot be made: what arrives is a TypeError, and a 500', async () => {
    const { app, server } = makeApp(express)
    app.set('env', 'test')
    app.get('/notes', requireToken(server, { user }))
    app.get('/handled', requireToken(server, { user }))
    app.use('/handled', oauthErrorHandler())
    const tokens = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    for (const path of ['/notes', '/handled']) {
      const response = await request(app).get(path).set('Authorization', `Bearer ${tokens.access_token}`)
      expect(response.status).toBe(500)
    }
  })

  test('that goes through the error handler of the package ends with an error of Express', async () => {
    const { app } = makeApp(express)
    app.set('env', 'test')
    app.get('/own', (_req, _res, next) => void fails().then(undefined, next))
    app.use(oauthErrorHandler())
    expect((await request(app).get('/own')).status).toBeGreaterThanOrEqual(400)
  })
})

describe.each(versions)('when no headers can be written on %s', (_name, express) => {
  test.each(['/oauth/authorize?client_id=spa', '/oauth/token', '/oauth/jwks'])(
    '%s ends the connection, and the process goes on',
    async (path) => {
      const { app, server } = makeApp(express, { before: failingAtHeaders })
      const failures: string[] = []
      server.on('request.failed', ({ error }) => failures.push(asText((error as Error).message)))
      await expect(request(app).get(path)).rejects.toThrow(/hang up|aborted|ECONNRESET/)
      expect(failures.join()).toContain('The session cannot be written.')
    },
  )
})

test('a listener of request.failed that throws or rejects keeps nobody from an answer', async () => {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  const [[, express]] = versions as [(typeof versions)[number]]
  const { app, server } = makeApp(express, { signIn: () => Promise.reject(new Error('detail')) })
  server.on('request.failed', () => {
    throw new Error('A listener.')
  })
  server.on('request.failed', () => Promise.reject(new Error('A listener.')))
  expect((await authorize(app)).status).toBeGreaterThanOrEqual(500)
  expect((await token(app, clientCredentials)).status).toBe(200)
  jest.restoreAllMocks()
})
