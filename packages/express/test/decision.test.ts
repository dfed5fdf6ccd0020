import request from 'supertest'
import { tampered } from '../../core/test/setup/tampered.js'
import {
  asText,
  authorize,
  clients,
  consentForm,
  cookieOf,
  decide,
  makeApp,
  resultOf,
  sealedIn,
  startsAt,
  versions,
} from './harness.js'

function refused(response: { status: number; headers: object; text: string }): void {
  expect(response.status).toBe(403)
  expect(response.headers).not.toHaveProperty('location')
  expect(response.text).toContain('access_denied')
}

describe.each(versions)('A17: the consent form on %s is bound', (_name, express) => {
  test('to the browser: no cookie, another one, or a malformed one is 403', async () => {
    const { app } = makeApp(express)
    const { sealed } = await consentForm(app)
    const other = await consentForm(app)
    const fields = { ratchet_consent: sealed, decision: 'approve' }
    refused(await request(app).post('/oauth/authorize/decision').type('form').send(fields))
    refused(await decide(app, other.cookie, fields))
    refused(await decide(app, '__Host-oauth-ratchet-aaaaaaaaaaaaaaaa=x', fields))
  })

  test('to the server: no form, a changed one, and one of another server are 403', async () => {
    const { app } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    refused(await decide(app, cookie, { decision: 'approve' }))
    refused(await decide(app, cookie, { ratchet_consent: tampered(sealed), decision: 'approve' }))
    refused(await decide(app, cookie, { ratchet_consent: 'x', decision: 'approve' }))
    const elsewhere = makeApp(express, { server: { realm: 'another' } }).app
    refused(await decide(elsewhere, cookie, { ratchet_consent: sealed, decision: 'approve' }))
  })

  test('to the user: another account that has signed in meanwhile is 403', async () => {
    const { app, session } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    session.signIn = { subject: 'mallory' }
    refused(await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' }))
  })

  test('in time: after ten minutes it is 403', async () => {
    const { app, clock } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    clock.now += 10 * 60_000
    refused(await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' }))
  })

  test('a session that has ended meanwhile goes to the login and comes back to the request', async () => {
    const { app, session } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    session.signIn = undefined
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect(response.headers['location']).toMatch(/^\/login\?returnTo=%2Foauth%2Fauthorize%3F/)
  })

  test('to a request that still is one: what has become wrong since is told to the client, without a code', async () => {
    let scope = 'read write'
    const { app } = makeApp(express, {
      server: { clients: (id) => (id === 'spa' ? { ...clients[0], scope } : undefined) },
    })
    const { sealed, cookie } = await consentForm(app)
    scope = 'read'
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect(resultOf(response)).toMatchObject({ error: 'invalid_scope' })
    expect(resultOf(response)).not.toHaveProperty('code')
  })

  test('both buttons at once is a refusal', async () => {
    const { app } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    const both = `ratchet_consent=${sealed}&decision=approve&decision=deny`
    const response = await request(app)
      .post('/oauth/authorize/decision')
      .set('Cookie', cookie)
      .type('form')
      .send(both)
    expect(response.headers['location']).toContain('error=access_denied')
  })

  test('Origin: null is no reason to refuse', async () => {
    const { app } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' }).set(
      'Origin',
      'null',
    )
    expect(resultOf(response)).toHaveProperty('code')
  })

  test('a form without a decision is a 400 page', async () => {
    const { app } = makeApp(express)
    const { sealed, cookie } = await consentForm(app)
    const response = await decide(app, cookie, { ratchet_consent: sealed })
    expect([response.status, 'location' in response.headers]).toEqual([400, false])
  })

  test('prompt=login and max_age count from when the form was made, however long it was read', async () => {
    const { app, session, clock } = makeApp(express)
    clock.now += 60_000
    await authorize(app, { prompt: 'login', max_age: '60' })
    session.signIn = { subject: 'alice', authTime: clock.now / 1000 }
    const page = await request(app).get(asText(session.asked[0]?.returnTo))
    const sealed = sealedIn(page.text)
    const cookie = cookieOf(page)
    clock.now += 120_000
    const response = await decide(app, cookie, { ratchet_consent: sealed, decision: 'approve' })
    expect(resultOf(response)).toHaveProperty('code')
  })

  test('to a recent sign-in where one is asked for: an older session goes to the login, and no code is given', async () => {
    const { app, session, clock } = makeApp(express)
    for (const asked of [{ prompt: 'login' }, { max_age: '60' }]) {
      clock.now += 8 * 3600_000
      await authorize(app, asked)
      session.signIn = { subject: 'alice', authTime: clock.now / 1000 }
      const page = await request(app).get(asText(session.asked.at(-1)?.returnTo))
      // What the session of this browser was seven hours ago: another tab has put it back.
      session.signIn = { subject: 'alice', authTime: clock.now / 1000 - 7 * 3600 }
      const fields = { ratchet_consent: sealedIn(page.text), decision: 'approve' }
      const response = await decide(app, cookieOf(page), fields)
      expect(response.headers['location']).toMatch(/^\/login\?returnTo=/)
      expect(session.asked.at(-1)?.mustReauthenticate).toBe(true)

      session.signIn = { subject: 'alice', authTime: clock.now / 1000 }
      const back = await request(app).get(asText(session.asked.at(-1)?.returnTo))
      const again = await decide(app, cookieOf(back), {
        ratchet_consent: sealedIn(back.text),
        decision: 'approve',
      })
      expect(resultOf(again)).toHaveProperty('code')
    }
  })

  test('to a recent sign-in, although signIn insists on an old one: login_required', async () => {
    let authTime = startsAt / 1000
    const { app } = makeApp(express, { signIn: () => ({ subject: 'alice', authTime }) })
    const page = await authorize(app, { max_age: '60' })
    authTime -= 7 * 3600
    const fields = { ratchet_consent: sealedIn(page.text), decision: 'approve' }
    expect(resultOf(await decide(app, cookieOf(page), fields))).toMatchObject({ error: 'login_required' })
  })
})
