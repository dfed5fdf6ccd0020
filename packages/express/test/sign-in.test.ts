import type { SignInCallback } from '@oauth-ratchet/express'
import request from 'supertest'
import {
  asText,
  authorizationQuery,
  authorize,
  makeApp,
  redirectUri,
  resultOf,
  startsAt,
  versions,
  warningsOf,
} from './harness.js'

const grantAll = () => ({ scope: 'read write' })

describe.each(versions)('signing in on %s', (_name, express) => {
  test('a signIn that gives an old session where a new one was asked for is not asked again', async () => {
    const asked: boolean[] = []
    const signIn: SignInCallback = (_req, _res, { mustReauthenticate }) => {
      asked.push(mustReauthenticate)
      return { subject: 'alice', authTime: startsAt / 1000 - 60 }
    }
    const { app } = makeApp(express, { consent: grantAll, signIn })
    const response = await authorize(app, { prompt: 'login' })
    expect(resultOf(response)).toMatchObject({ error: 'login_required' })
    expect(asked).toEqual([true])
  })

  test('signIn gets the request and a returnTo that comes back to it', async () => {
    const { app, session } = makeApp(express, { consent: grantAll })
    session.signIn = undefined
    await authorize(app, { login_hint: 'alice@example.com' })
    const [asked] = session.asked
    expect(asked).toMatchObject({
      client: { client_id: 'spa', client_name: 'Notebook' },
      scope: ['read', 'write'],
      loginHint: 'alice@example.com',
      mustReauthenticate: false,
      redirectUri,
    })
    session.signIn = { subject: 'alice' }
    const back = await request(app).get(asText(asked?.returnTo))
    expect(resultOf(back)).toHaveProperty('code')
  })

  test('a POST comes back as a GET', async () => {
    const { app, session } = makeApp(express, { consent: grantAll })
    session.signIn = undefined
    await request(app).post('/oauth/authorize').type('form').send(authorizationQuery())
    session.signIn = { subject: 'alice' }
    const back = await request(app).get(asText(session.asked[0]?.returnTo))
    expect(resultOf(back)).toMatchObject({ state: 'a b&=é"<>' })
  })

  test('prompt=none without a session is login_required', async () => {
    const { app, session } = makeApp(express)
    session.signIn = undefined
    expect(resultOf(await authorize(app, { prompt: 'none' }))).toMatchObject({ error: 'login_required' })
  })

  test('prompt=none leaves an answer alone that signIn has sent anyway', async () => {
    const { app } = makeApp(express, { signIn: (_req, res) => void res.status(202).send('mine') })
    const response = await authorize(app, { prompt: 'none' })
    expect([response.status, response.text]).toEqual([202, 'mine'])
  })

  test('prompt=login asks for a new sign-in once, and takes it when it comes', async () => {
    const { app, session, clock } = makeApp(express, { consent: grantAll })
    clock.now += 60_000
    const first = await authorize(app, { prompt: 'login' })
    expect(first.headers['location']).toMatch(/^\/login\?/)
    expect(session.asked.map((asked) => asked.mustReauthenticate)).toEqual([true])
    clock.now += 5000
    session.signIn = { subject: 'alice', authTime: clock.now / 1000 }
    const back = await request(app).get(asText(session.asked[0]?.returnTo))
    expect(resultOf(back)).toHaveProperty('code')
  })

  test('prompt=login is not passed by coming back with the old session', async () => {
    const { app, session, clock } = makeApp(express, { consent: grantAll })
    clock.now += 60_000
    await authorize(app, { prompt: 'login' })
    const back = await request(app).get(asText(session.asked[0]?.returnTo))
    expect(back.headers['location']).toMatch(/^\/login\?/)
    expect(session.asked.at(-1)?.mustReauthenticate).toBe(true)
  })

  test('max_age: an old sign-in is asked for anew, and refused if the answer is as old', async () => {
    const { app, session, clock } = makeApp(express, { consent: grantAll })
    expect(resultOf(await authorize(app, { max_age: '60' }))).toHaveProperty('code')
    clock.now += 61_000
    const old = await authorize(app, { max_age: '60' })
    expect(old.headers['location']).toMatch(/^\/login\?/)
    expect(session.asked.map((asked) => asked.mustReauthenticate)).toEqual([false, false, true])

    const asked: boolean[] = []
    const stubborn = makeApp(express, {
      signIn: (_req, _res, { mustReauthenticate }) => {
        asked.push(mustReauthenticate)
        return { subject: 'alice', authTime: startsAt / 1000 - 3600 }
      },
    })
    const refused = await authorize(stubborn.app, { max_age: '60' })
    expect(resultOf(refused)).toMatchObject({ error: 'login_required' })
    expect(asked).toEqual([false, true])
  })

  test('max_age with prompt=none is login_required without asking twice', async () => {
    const { app, session, clock } = makeApp(express)
    clock.now += 61_000
    const response = await authorize(app, { max_age: '60', prompt: 'none' })
    expect(resultOf(response)).toMatchObject({ error: 'login_required' })
    expect(session.asked).toHaveLength(1)
  })

  test('an app without authTime does not send its users in circles', async () => {
    const { app, session } = makeApp(express, { consent: grantAll })
    session.signIn = { subject: 'alice' }
    const codes = await warningsOf(async () => {
      const first = await authorize(app, { max_age: '60' })
      expect(first.headers['location']).toMatch(/^\/login\?/)
      const back = await request(app).get(asText(session.asked.at(-1)?.returnTo))
      expect(resultOf(back)).toMatchObject({ error: 'login_required' })
    })
    expect(codes).toEqual(['OAUTH_RATCHET_AUTH_TIME'])
  })
})
