import type { SignIn } from '@oauth-ratchet/core'
import { clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectAlive, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const form = {
  grant_type: 'password',
  username: 'alice',
  password: 'wonderland',
  client_id: clientC.client_id,
  client_secret: confidentialSecret,
}
const authenticateUser = (username: string, password: string): SignIn | null =>
  password === 'wonderland' ? { subject: `user:${username}`, acr: 'pwd' } : null

describe('the password grant', () => {
  test('is off unless the app can check passwords (W1)', async () => {
    expect(await startServer().token(form)).toMatchObject({
      status: 400,
      body: { error: 'unsupported_grant_type' },
    })
  })

  test('gives the tokens of a grant like any other', async () => {
    const at = startServer({ authenticateUser })

    const tokens = tokensOf(await at.token({ ...form, scope: 'read' }))

    expect(tokens).toMatchObject({
      scope: 'read',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^orr_/),
    })
    await expect(at.server.tokens.verify(tokens.access_token)).resolves.toMatchObject({
      subject: 'user:alice',
      acr: 'pwd',
      grantId: idOfGrant(tokens),
    })
    expect(at.events('grant.issued')).toMatchObject([{ subject: 'user:alice', clientId: clientC.client_id }])
  })

  test('a wrong password and a user who does not exist are one invalid_grant (W1)', async () => {
    const at = startServer({ authenticateUser })

    const answers = [
      await at.token({ ...form, password: 'x' }),
      await at.token({ ...form, username: 'nobody', password: 'x' }),
    ]

    expect(answers[0]).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(answers[0]).toEqual(answers[1])
    expect(at.events('grant.issued')).toEqual([])
  })

  test.each(['\0', '\n', '\u007f', '\u0085'])(
    'the control character %j in a password or a name is invalid_request, and never reaches the app',
    async (control) => {
      const seen: string[] = []
      const at = startServer({
        authenticateUser: (name, password) => void seen.push(name, password),
      })

      for (const wrong of [{ password: `wonderland${control}` }, { username: `alice${control}` }]) {
        expect(await at.token({ ...form, ...wrong })).toMatchObject({
          status: 400,
          body: { error: 'invalid_request' },
        })
      }
      expect(seen).toEqual([])
    },
  )

  test('undefined refuses like null, and passwords of any characters reach the app as they are', async () => {
    const seen: string[] = []
    const at = startServer({
      authenticateUser: (_, password) => {
        seen.push(password)
        return undefined
      },
    })
    const passwords = ['pässwörd 🔑', 'a+b%20&=', ' leading and trailing ', '"\\']
    for (const password of passwords) {
      expect((await at.token({ ...form, password })).body).toMatchObject({ error: 'invalid_grant' })
    }

    expect(seen).toEqual(passwords)
  })

  test('a missing username or password is invalid_request', async () => {
    const at = startServer({ authenticateUser })

    for (const name of ['username', 'password']) {
      expect(await at.token({ ...form, [name]: '' })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
    }
  })

  test('a client that is not registered for it, or fails to authenticate, never reaches the app', async () => {
    let asked = 0
    const at = startServer({
      authenticateUser: () => {
        asked += 1
        return { subject: 'u1' }
      },
    })

    expect(await at.token({ ...form, client_id: clientA.client_id, client_secret: '' })).toMatchObject({
      body: { error: 'unauthorized_client' },
    })
    expect(await at.token({ ...form, client_secret: 'wrong' })).toMatchObject({
      body: { error: 'invalid_client' },
    })
    expect(asked).toBe(0)
  })

  test('a scope that the client is not registered for is invalid_scope, and leaves no grant', async () => {
    const at = startServer({ authenticateUser })

    expect(await at.token({ ...form, scope: 'admin' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })
    expect(await at.server.grants.list({ subject: 'user:alice' })).toEqual([])
  })
})

const wrong = (at: TestServer, username: string, address = '192.0.2.1') =>
  at.token({ ...form, username, password: 'guess' }, { address })

describe('guessing passwords', () => {
  test('is answered with 429 and Retry-After, without asking the app, for user and address', async () => {
    let asked = 0
    const at = startServer({
      throttle: { attempts: 3, window: 60 },
      authenticateUser: (username, password) => {
        asked += 1
        return authenticateUser(username, password)
      },
    })
    for (let times = 0; times < 3; times++) expect((await wrong(at, 'alice')).status).toBe(400)

    expect(await wrong(at, 'alice')).toMatchObject({ status: 429, headers: { 'retry-after': '60' } })
    expect(await at.token(form)).toMatchObject({ status: 429 })
    expect(asked).toBe(3)

    expect((await wrong(at, 'bob')).status).toBe(400)
    expect(await at.token(form, { address: '198.51.100.7' })).toMatchObject({ status: 200 })
    at.clock.advance(60)
    expect(await at.token(form)).toMatchObject({ status: 200 })
  })

  test('is counted over all spellings that an app which ignores case takes for one name', async () => {
    const at = startServer({
      throttle: { attempts: 3, window: 60 },
      authenticateUser: (username, password) => authenticateUser(username.trim().toLowerCase(), password),
    })
    for (const username of ['alice', 'ALICE', ' Alice ']) expect((await wrong(at, username)).status).toBe(400)

    expect(await at.token({ ...form, username: 'aLiCe' })).toMatchObject({ status: 429 })
  })

  test('of many users from one address is stopped at ten times the limit of one', async () => {
    const at = startServer({ authenticateUser, throttle: { attempts: 2, window: 60 } })
    for (let user = 0; user < 20; user++) expect((await wrong(at, `user${user}`)).status).toBe(400)

    expect(await at.token(form)).toMatchObject({ status: 429, headers: { 'retry-after': '60' } })
    expect(await at.token(form, { address: '198.51.100.7' })).toMatchObject({ status: 200 })
  })

  test('all at once does not let the right one through among many wrong ones', async () => {
    const at = startServer({ authenticateUser, throttle: { attempts: 3, window: 60 } })
    const guesses = Array.from({ length: 20 }, () => wrong(at, 'alice'))

    const answers = await Promise.all([...guesses, at.token(form)])

    expect(answers.filter(({ status }) => status === 400)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(18)
  })

  test('counts no success', async () => {
    const at = startServer({ authenticateUser, throttle: { attempts: 2 } })
    for (let times = 0; times < 10; times++) expect((await at.token(form)).status).toBe(200)
  })

  test('does not touch sessions that are there', async () => {
    const at = startServer({ authenticateUser, throttle: { attempts: 1 } })
    const tokens = await issue(at, { subject: 'user:alice' })
    for (let times = 0; times < 5; times++) await wrong(at, 'alice')

    await expectAlive(at, tokens)
    expect(await at.refresh(tokens.refresh_token)).toMatchObject({ status: 200 })
  })
})
