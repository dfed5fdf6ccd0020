import { oauthErrorHandler, oauthRouter, requireToken, sendTokens } from '@oauth-ratchet/express'
import {
  assertEnded,
  assertSignedIn,
  createTestServer,
  matchers,
  signedIn,
  TestClock,
} from '@oauth-ratchet/testing'
import type { TestServerOptions } from '@oauth-ratchet/testing'
import express from 'express'
import express4 from 'express4'
import request from 'supertest'

/** An app as its users have it: a login, a guarded route, and the refresh token in the body or in a cookie. */
function start(options: TestServerOptions = {}, make = express, cookie = false) {
  const { server, clock } = createTestServer(options)
  const app = make()
  app.use('/oauth', oauthRouter(server, cookie ? { refreshTokenCookie: { clients: ['app'] } } : {}))
  app.post('/login', async (_req, res) => {
    const tokens = await server.grants.issue({ clientId: 'app', subject: 'alice' })
    sendTokens(res, tokens, { server, clientId: 'app' })
  })
  app.get('/notes', requireToken(server, { scope: 'read' }), (req, res) => {
    res.json({ owner: (req as { auth?: { subject?: string } }).auth?.subject })
  })
  app.use(oauthErrorHandler())
  return { app, server, clock }
}

test.each([
  ['request(app) on Express 5', (app: never) => request(app), express],
  ['request.agent(app) on Express 5', (app: never) => request.agent(app), express],
  ['request(app) on Express 4', (app: never) => request(app), express4],
])('%s: requests carry a token, refreshed when it has expired', async (_case, agentOf, make) => {
  const { app, server, clock } = start({}, make)
  const alice = await signedIn(agentOf(app as never), { server, subject: 'alice' })
  await alice.get('/notes').expect(200, { owner: 'alice' })
  const first = alice.session.refreshToken
  clock.advance(900)
  const answers = await Promise.all([1, 2, 3].map(() => alice.get('/notes')))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(alice.session.refreshToken).not.toBe(first)
  await request(app as never)
    .get('/notes')
    .expect(401)
})

test('a header of its own is kept, and callbacks work as ever', async () => {
  const { app, server } = start()
  const alice = await signedIn(request(app), { server, subject: 'alice', scope: 'read' })
  await alice.get('/notes').set('Authorization', 'Bearer nonsense').expect(401)
  const status = await new Promise((done) => {
    alice.get('/notes').end((_error, res) => done(res.status))
  })
  expect(status).toBe(200)
})

test.each([
  ['in the body', false, {}],
  ['in a cookie', true, {}],
  ['in a cookie for https', true, { issuer: 'https://app.example.com' }],
])('by the login of the app, with the refresh token %s', async (_case, cookie, options) => {
  const { app, server, clock } = start(options, express, cookie)
  for (const agent of [request(app), request.agent(app)]) {
    const alice = await signedIn(agent, { server, login: (its) => its.post('/login') })
    for (let turn = 0; turn < 3; turn += 1) {
      await alice.get('/notes').expect(200, { owner: 'alice' })
      clock.advance(900)
    }
    await assertSignedIn(alice)
    await server.grants.revokeAll({ subject: 'alice' })
    await assertEnded(alice)
    await alice.get('/notes').expect(401)
  }
})

test('a login that gives no tokens, and a token endpoint that is elsewhere, are named', async () => {
  const { app, server, clock } = start()
  await expect(signedIn(request(app), { server, login: (agent) => agent.post('/nowhere') })).rejects.toThrow(
    'The login answered 404, without an access_token',
  )
  const alice = await signedIn(request(app), {
    server,
    login: (agent) => agent.post('/login'),
    tokenPath: '/nowhere',
  })
  clock.advance(900)
  await expect(alice.get('/notes')).rejects.toThrow('POST /nowhere answered 404')
})

test('once the session has ended its last token is sent, and the app refuses it', async () => {
  const { app, server, clock } = start()
  const alice = await signedIn(request(app), { server, subject: 'alice' })
  clock.advance(31 * 86_400)
  await alice.get('/notes').expect(401)
  await assertEnded(alice)
})

describe('matchers and assertions', () => {
  test('tell a session that goes on from one that has ended', async () => {
    const { app, server } = start()
    const alice = await signedIn(request(app), { server, subject: 'alice' })
    const tokens = await server.grants.issue({ clientId: 'app', subject: 'bob' })
    for (const received of [alice, tokens, tokens.access_token, tokens.refresh_token ?? '']) {
      expect(await matchers.toBeSignedIn(received, server)).toMatchObject({ pass: true })
      expect(await matchers.toHaveEnded(received, server)).toMatchObject({ pass: false })
      await assertSignedIn(received, server)
      await expect(assertEnded(received, server)).rejects.toThrow('one of its tokens is still good')
    }
    for (const subject of ['alice', 'bob']) await server.grants.revokeAll({ subject })
    for (const received of [alice, tokens, tokens.access_token]) {
      expect(await matchers.toBeSignedIn(received, server)).toMatchObject({ pass: false })
      expect(await matchers.toHaveEnded(received, server)).toMatchObject({ pass: true })
      await assertEnded(received, server)
      await expect(assertSignedIn(received, server)).rejects.toMatchObject({ name: 'AssertionError' })
    }
  })

  test('are matchers of Jest', async () => {
    expect.extend(matchers)
    const { app, server } = start()
    const alice = await signedIn(request(app), { server, subject: 'alice' })
    await expect(alice).toBeSignedIn()
    await expect(alice).not.toHaveEnded()
    await expect(expect(alice).toHaveEnded()).rejects.toThrow('one of its tokens is still good')
  })

  test('say what to do with `.not`, and never the tokens', async () => {
    const { server } = createTestServer()
    const tokens = await server.grants.issue({ clientId: 'app', subject: 'bob' })
    const said = (await matchers.toBeSignedIn(tokens, server)).message()
    expect(said).toBe('Expected the session to have ended, but one of its tokens is still good.')
    expect((await matchers.toHaveEnded(tokens, server)).message()).toBe(said)
  })

  test('looking spends nothing', async () => {
    const { server } = createTestServer()
    const { refresh_token = '' } = await server.grants.issue({ clientId: 'app', subject: 'bob' })
    for (let time = 0; time < 3; time += 1) await assertSignedIn(refresh_token, server)
    await server.tokens.refresh({ refreshToken: refresh_token, clientId: 'app' })
  })

  test.each([[{}], [null], ['']])('no tokens are a mistake of the test: %j', async (received) => {
    const { server } = createTestServer()
    const wrong = assertSignedIn(received as never, received === '' ? undefined : server)
    await expect(wrong).rejects.toThrow(TypeError)
  })
})

describe('createTestServer', () => {
  test('takes any option of a server, and scopes with words', async () => {
    const { server } = createTestServer({ scopes: { 'notes:read': 'Read' }, accessToken: { lifetime: 60 } })
    const tokens = await server.grants.issue({ clientId: 'app', subject: 'alice' })
    expect(tokens).toMatchObject({ expires_in: 60, scope: 'notes:read' })
  })

  test('the clock goes only forward', () => {
    const clock = new TestClock(new Date('2030-01-01T00:00:00.900Z'))
    expect(clock.now()).toBe(Date.UTC(2030, 0, 1))
    clock.advance(1.5)
    expect(clock.now()).toBe(Date.UTC(2030, 0, 1) + 1500)
    expect(() => clock.advance(-1)).toThrow(RangeError)
  })
})
