import { authorizationQuery, authorize, getRequest, redirected } from '../setup/authorization.js'
import { Clock } from '../setup/clock.js'
import { tampered } from '../setup/tampered.js'
import { startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'

const begin = (at: TestServer, query: string) => at.server.endpoints.authorization().begin(getRequest(query))

/** Sends the user to sign in, and comes back with the request as it then is. */
async function sentToSignIn(at: TestServer, query: string) {
  const endpoint = at.server.endpoints.authorization()
  const { returnTo } = endpoint.describe(await begin(at, query), true)
  return returnTo.slice(returnTo.indexOf('?') + 1)
}

const markOf = async (server: TestServer, from: string) =>
  new URLSearchParams(await sentToSignIn(server, from)).get('ratchet_reauthenticate') ?? ''

describe('prompt=login', () => {
  test('asks for a sign-in although there is a session, and once only', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = authorizationQuery({ prompt: 'login' })
    expect(endpoint.asksForLogin(await begin(at, query))).toBe(true)
    expect(endpoint.asksForLogin(await begin(at, authorizationQuery()))).toBe(false)

    const back = await begin(at, await sentToSignIn(at, query))

    expect(endpoint.asksForLogin(back)).toBe(false)
    expect(back.error).toBeUndefined()
    expect(back.query).toBe(query)
  })

  test('is satisfied by a sign-in since it was asked for, and by no session from before', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const asked = at.clock.seconds
    const query = await sentToSignIn(at, authorizationQuery({ prompt: 'login' }))
    at.clock.advance(30)
    const back = await begin(at, query)

    expect(endpoint.isRecentEnough(back, { subject: 'u1', authTime: asked })).toBe(true)
    expect(endpoint.isRecentEnough(back, { subject: 'u1', authTime: asked + 29 })).toBe(true)
    expect(endpoint.isRecentEnough(back, { subject: 'u1', authTime: asked - 1 })).toBe(false)
    expect(endpoint.isRecentEnough(back, { subject: 'u1' })).toBe(false)
    expect(endpoint.isRecentEnough(await begin(at, authorizationQuery()), { subject: 'u1' })).toBe(true)
  })

  test('beside max_age is not satisfied by a session that is young enough for that', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = authorizationQuery({ prompt: 'login', max_age: '3600' })
    const session = { subject: 'u1', authTime: at.clock.seconds }
    at.clock.advance(10)

    expect(endpoint.isRecentEnough(await begin(at, query), session)).toBe(false)
    const back = await begin(at, await sentToSignIn(at, query))
    expect(endpoint.isRecentEnough(back, session)).toBe(false)
    expect(endpoint.isRecentEnough(back, { ...session, authTime: at.clock.seconds })).toBe(true)
  })

  test('a mark that somebody else made, for another client, or elsewhere, is none', async () => {
    const at = startServer()
    const other = startServer({ secrets: ['TZDrEwDyYmnoSX2_2Y9cJObMqGFwiUL4zTUTr-tPSWrESpeX'] })
    const query = authorizationQuery({ prompt: 'login' })
    const ofB = await markOf(
      at,
      authorizationQuery({ client_id: 'app-b', redirect_uri: 'https://b.example/cb' }),
    )

    const changed = tampered(await markOf(at, query))
    for (const mark of [await markOf(other, query), ofB, changed, 'x', '', 'A'.repeat(600)]) {
      const pending = await begin(at, `${query}&ratchet_reauthenticate=${encodeURIComponent(mark)}`)
      expect(pending.reauthenticateSince).toBeUndefined()
    }
  })

  test('a mark is not good for ever: found in a browser’s history, it satisfies nothing', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = await sentToSignIn(at, authorizationQuery({ prompt: 'login' }))
    const signedIn = at.clock.seconds + 5
    at.clock.advance(7 * 86_400)

    const later = await begin(at, query)

    expect(
      endpoint.asksForLogin(later) || !endpoint.isRecentEnough(later, { subject: 'u1', authTime: signedIn }),
    ).toBe(true)
  })
})

describe('max_age', () => {
  test('refuses a sign-in that is older, to the second, or of unknown age', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const pending = await begin(at, authorizationQuery({ max_age: '60' }))
    const now = at.clock.seconds

    expect(endpoint.isRecentEnough(pending, { subject: 'u1', authTime: now - 60 })).toBe(true)
    expect(endpoint.isRecentEnough(pending, { subject: 'u1', authTime: now - 61 })).toBe(false)
    expect(endpoint.isRecentEnough(pending, { subject: 'u1', authTime: new Date(at.clock.now()) })).toBe(true)
    expect(endpoint.isRecentEnough(pending, { subject: 'u1' })).toBe(false)
  })

  test('takes no milliseconds for seconds', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const pending = await begin(at, authorizationQuery({ max_age: '60' }))

    expect(() => endpoint.isRecentEnough(pending, { subject: 'u1', authTime: at.clock.now() })).toThrow(
      TypeError,
    )
  })

  test('of 0 is satisfied by signing in when asked to, however long the page then took', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = await sentToSignIn(at, authorizationQuery({ max_age: '0' }))
    at.clock.advance(20)
    const authTime = at.clock.seconds
    at.clock.advance(2)

    expect(endpoint.isRecentEnough(await begin(at, query), { subject: 'u1', authTime })).toBe(true)
  })
})

test('max_age is counted to when the request came, and not to when the consent was given', async () => {
  const at = startServer()
  const endpoint = at.server.endpoints.authorization()
  const pending = await begin(at, authorizationQuery({ max_age: '60' }))
  const authTime = at.clock.seconds - 60
  at.clock.advance(300)

  expect(endpoint.isRecentEnough(pending, { subject: 'u1', authTime })).toBe(true)
  expect(endpoint.isRecentEnough(pending, { subject: 'u1', authTime: authTime - 1 })).toBe(false)
})

describe('a grant', () => {
  const hours = 3600

  test('is login_required where the sign-in is not recent enough, whoever forgot to ask (OIDC Core 3.1.2.1)', async () => {
    const at = startServer()
    const old = { subject: 'u1', authTime: at.clock.seconds - 7 * hours }
    for (const over of [{ prompt: 'login' }, { max_age: '60' }]) {
      const answer = redirected(await authorize(at, authorizationQuery(over), old))
      expect([answer.get('error'), answer.get('code')]).toEqual(['login_required', null])
      const unknown = redirected(await authorize(at, authorizationQuery(over), { subject: 'u1' }))
      expect(unknown.get('error')).toBe('login_required')
    }
    expect(redirected(await authorize(at, authorizationQuery(), old)).get('code')).not.toBeNull()
  })

  test('on a consent form is refused with an older sign-in than the form was made with', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = await sentToSignIn(at, authorizationQuery({ prompt: 'login' }))
    const fresh = at.clock.seconds + 5
    at.clock.advance(10)
    const form = endpoint.sealConsent(await begin(at, query), 'u1', 'browser-1')
    at.clock.advance(60)
    const pending = await endpoint.openConsent(form, 'u1', ['browser-1'])
    if (pending === undefined) throw new Error('The form did not open.')
    const grantedTo = async (authTime: number) =>
      redirected(await endpoint.grant(pending, { subject: 'u1', authTime }, pending.scope))

    expect((await grantedTo(fresh - 7 * hours)).get('error')).toBe('login_required')
    expect((await grantedTo(fresh)).get('code')).not.toBeNull()
  })

  test('on a consent form that took longer than max_age to read is given to who was recent when it was made', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const authTime = at.clock.seconds - 50
    const form = endpoint.sealConsent(await begin(at, authorizationQuery({ max_age: '60' })), 'u1', 'b')
    at.clock.advance(300)
    const pending = await endpoint.openConsent(form, 'u1', ['b'])
    if (pending === undefined) throw new Error('The form did not open.')
    const grantedTo = async (time: number) =>
      redirected(await endpoint.grant(pending, { subject: 'u1', authTime: time }, pending.scope))

    expect((await grantedTo(authTime)).get('code')).not.toBeNull()
    expect((await grantedTo(authTime - 11)).get('error')).toBe('login_required')
  })
})

describe('switchAccount', () => {
  test('asks for a sign-in, comes back to the request, and asks no second time', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = authorizationQuery({ state: 's' })
    const { switchAccount } = endpoint.describe(await begin(at, query), false)
    expect(switchAccount).toMatch(/^\/oauth\/authorize\?/)
    const switching = await begin(at, switchAccount.slice(switchAccount.indexOf('?') + 1))

    expect(endpoint.asksForLogin(switching)).toBe(true)
    expect([switching.query, switching.error]).toEqual([query, undefined])
    const { returnTo } = endpoint.describe(switching, true)
    const back = await begin(at, returnTo.slice(returnTo.indexOf('?') + 1))
    expect(endpoint.asksForLogin(back)).toBe(false)
    // Whoever comes back without having signed in anew has chosen to stay: the client asked for nothing else.
    expect(endpoint.isRecentEnough(back, { subject: 'u1', authTime: at.clock.seconds - 3600 })).toBe(true)
  })

  test('asks under prompt=login too, when that was satisfied already', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const back = await begin(at, await sentToSignIn(at, authorizationQuery({ prompt: 'login' })))
    const { switchAccount } = endpoint.describe(back, false)

    const switching = await begin(at, switchAccount.slice(switchAccount.indexOf('?') + 1))

    expect(endpoint.asksForLogin(switching)).toBe(true)
  })
})

async function sealed(at: TestServer, query = authorizationQuery({ state: 's' })) {
  const endpoint = at.server.endpoints.authorization()
  return { endpoint, form: endpoint.sealConsent(await begin(at, query), 'u1', 'browser-1') }
}

describe('the consent form', () => {
  test('brings back the request it was made for (A17)', async () => {
    const at = startServer()
    const { endpoint, form } = await sealed(at)

    const pending = await endpoint.openConsent(form, 'u1', ['browser-1'])

    expect(pending).toMatchObject({
      state: 's',
      redirectUri: 'https://a.example/cb',
      client: { id: 'app-a' },
    })
    expect(await endpoint.peekConsent(form)).toMatchObject({ pending: { state: 's' }, browser: 'browser-1' })
  })

  test('is good for nobody else, in no other browser, and for ten minutes only (A17)', async () => {
    const at = startServer()
    const { endpoint, form } = await sealed(at)

    expect(await endpoint.openConsent(form, 'u2', ['browser-1'])).toBeUndefined()
    expect(await endpoint.openConsent(form, 'u1', ['browser-2'])).toBeUndefined()
    at.clock.advance(599.999)
    expect(await endpoint.openConsent(form, 'u1', ['browser-1'])).toBeDefined()
    at.clock.advance(0.001)
    expect(await endpoint.openConsent(form, 'u1', ['browser-1'])).toBeUndefined()
  })

  test('cannot be made up, changed, or taken from another server or another use', async () => {
    const at = startServer()
    const { endpoint, form } = await sealed(at)
    const { form: foreign } = await sealed(startServer({ issuer: 'https://tenant.example.com' }, new Clock()))
    const mark =
      new URLSearchParams(await sentToSignIn(at, authorizationQuery())).get('ratchet_reauthenticate') ?? ''

    for (const wrong of [
      '',
      'x',
      `${form}A`,
      form.slice(1),
      tampered(form),
      foreign,
      mark,
      'A'.repeat(20_000),
    ]) {
      expect(await endpoint.openConsent(wrong, 'u1', ['browser-1'])).toBeUndefined()
      expect(await endpoint.peekConsent(wrong)).toBeUndefined()
    }
  })

  test('names no user in clear', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const form = endpoint.sealConsent(await begin(at, authorizationQuery()), 'alice@example.com', 'b')

    expect(Buffer.from(form, 'base64url').toString()).not.toContain('alice')
  })

  test('survives the rotation of secrets', async () => {
    const older = 'NKFzQI7P7pon-vn4tbvLYDeBbIEq4a3n3nCrP1jhgkEEUysk'
    const before = startServer({ secrets: [older] })
    const { form } = await sealed(before)
    const after = startServer(
      { secrets: ['knc7J0T3w0qM7wgz3vJfjO3zMhiuVSmCgh2hHXlHXNO-uU9A', older] },
      before.clock,
    )

    expect(await after.server.endpoints.authorization().openConsent(form, 'u1', ['browser-1'])).toBeDefined()
  })

  test('keeps that the user has signed in as asked: prompt=login is not asked again', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const asked = at.clock.seconds
    const back = await begin(at, await sentToSignIn(at, authorizationQuery({ prompt: 'login' })))
    const form = endpoint.sealConsent(back, 'u1', 'browser-1')
    at.clock.advance(60)

    const pending = await endpoint.openConsent(form, 'u1', ['browser-1'])

    if (pending === undefined) throw new Error('The form did not open.')
    expect(endpoint.asksForLogin(pending)).toBe(false)
    expect(endpoint.isRecentEnough(pending, { subject: 'u1', authTime: asked + 10 })).toBe(true)
  })
})
