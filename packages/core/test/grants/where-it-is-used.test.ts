import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, Grant } from '@oauth-ratchet/core'
import { authorizationQuery, getRequest, redirected, redemption } from '../setup/authorization.js'
import { CountingStorage } from '../setup/counting-storage.js'
import { basic, clientC, confidentialSecret, olderSecret, secret, startServer } from '../setup/test-server.js'
import type { SentWith, TestServer } from '../setup/test-server.js'
import { idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const everything = { sessions: { keep: ['label', 'userAgent', 'remoteAddress'] } } as const

const from = (userAgent: string, address: string): SentWith => ({
  headers: { 'user-agent': userAgent },
  address,
})
const home = from('Firefox at home', '198.51.100.1')
const train = from('Firefox on the train', '203.0.113.9')

/** Signs in at the authorization endpoint and redeems the code, each from somewhere. */
async function signIn(at: TestServer, browser: SentWith, redeemer: SentWith, form = {}, headers = {}) {
  const endpoint = at.server.endpoints.authorization()
  const pending = await endpoint.begin(getRequest(authorizationQuery(form)))
  const request = { headers: browser.headers ?? {}, remoteAddress: browser.address }
  const answer = await endpoint.grant(pending, { subject: 'u1', label: 'My laptop' }, ['read'], request)
  const code = redirected(answer).get('code') ?? ''
  const sent = { ...redeemer, headers: { ...redeemer.headers, ...headers } }
  return tokensOf(await at.token(redemption(code, form), sent))
}

const only = async (at: TestServer): Promise<Grant | undefined> =>
  (await at.server.grants.list({ subject: 'u1' }))[0]

describe('what is kept of where a grant is used', () => {
  test('is what sessions.keep names: label, user agent and address, of the sign-in and of the latest turn', async () => {
    const at = startServer(everything)
    const { refresh_token } = await signIn(at, home, home)
    await at.refresh(refresh_token, {}, train)

    expect(await only(at)).toMatchObject({
      label: 'My laptop',
      userAgent: 'Firefox at home',
      remoteAddress: '198.51.100.1',
      lastUserAgent: 'Firefox on the train',
      lastRemoteAddress: '203.0.113.9',
    })
  })

  test('is nothing by default: no call of the storage is given any of it, sealed or not', async () => {
    const counting = new CountingStorage()
    const at = startServer({ storage: counting.storage })
    const { refresh_token } = await signIn(at, home, home)
    await at.refresh(refresh_token, {}, train)

    expect(await only(at)).toMatchObject({
      label: undefined,
      userAgent: undefined,
      remoteAddress: undefined,
      lastUserAgent: undefined,
      lastRemoteAddress: undefined,
    })
    const { grants } = await counting.storage.grants.scan({ limit: 10 })
    expect(grants[0]).not.toHaveProperty('seen')
    expect(JSON.stringify(counting.calls)).not.toContain('"seen"')
  })

  test('is no more than what is named', async () => {
    const at = startServer({ sessions: { keep: ['remoteAddress'] } })
    const { refresh_token } = await signIn(at, home, home)
    await at.refresh(refresh_token, {}, train)

    const grant = await only(at)
    expect(grant).toMatchObject({ remoteAddress: '198.51.100.1', lastRemoteAddress: '203.0.113.9' })
    expect([grant?.label, grant?.userAgent, grant?.lastUserAgent]).toEqual([undefined, undefined, undefined])
  })

  test('is not shown once the option no longer names it', async () => {
    const storage = new MemoryStorage()
    const before = startServer({ ...everything, storage })
    await signIn(before, home, home)
    const at = startServer({ storage }, before.clock)

    expect(await only(at)).toMatchObject({
      label: undefined,
      userAgent: undefined,
      lastRemoteAddress: undefined,
    })
  })

  test('is written by the turn itself: a refresh stays one storage call', async () => {
    const counting = new CountingStorage()
    const at = startServer({ ...everything, storage: counting.storage })
    const { refresh_token } = await signIn(at, home, home)

    expect(await counting.during(() => at.refresh(refresh_token, {}, train))).toEqual(['grants.turn'])
  })

  test('is sealed, and gone with the end of the grant', async () => {
    const counting = new CountingStorage()
    const at = startServer({ ...everything, storage: counting.storage })
    const { refresh_token, access_token } = await signIn(at, home, home)
    await at.refresh(refresh_token, {}, train)

    const { grants } = await counting.storage.grants.scan({ limit: 10 })
    const dump = JSON.stringify([counting.calls, grants])
    for (const text of ['Firefox', '198.51.100', '203.0.113', 'laptop']) expect(dump).not.toContain(text)
    expect(grants[0]?.seen).toEqual(expect.any(String))
    await at.server.grants.revoke(idOfGrant({ access_token }))
    const [ended] = (await counting.storage.grants.scan({ limit: 10 })).grants
    expect(ended).toMatchObject({ facts: '' })
    expect(ended).not.toHaveProperty('seen')
  })

  test('opens in its own place only: neither sealed string of a record, nor that of another record', async () => {
    const storage = new MemoryStorage()
    const at = startServer({ ...everything, storage })
    await signIn(at, home, home)
    const [record] = (await storage.grants.scan({ limit: 1 })).grants
    await issue(at, { subject: 'u2' })
    const [other] = await at.server.grants.list({ subject: 'u2' })
    await storage.grants.amend(other?.id ?? '', 0, { now: at.clock.now(), seen: record?.seen ?? '' })
    expect((await at.server.grants.list({ subject: 'u2' }))[0]?.lastRemoteAddress).toBeUndefined()

    await storage.grants.amend(record?.id ?? '', 0, { now: at.clock.now(), facts: record?.seen ?? '' })
    expect(await only(at)).toMatchObject({ unreadable: true, subject: undefined })
  })

  test('of a confidential client is that of the browser at sign-in, and never the address of its server', async () => {
    const at = startServer({ ...everything, clients: [{ ...clientC, scope: 'read' }] })
    const form = { client_id: clientC.client_id, redirect_uri: clientC.redirect_uris[0] }
    const headers = basic(clientC.client_id, confidentialSecret)
    const { refresh_token } = await signIn(at, home, train, form, headers)
    await at.token({ grant_type: 'refresh_token', refresh_token }, { ...train, headers })

    expect(await only(at)).toMatchObject({
      userAgent: 'Firefox at home',
      remoteAddress: '198.51.100.1',
      lastRemoteAddress: undefined,
      lastUserAgent: undefined,
    })
  })

  test('is what the app says where it asks itself: grants.issue and tokens.refresh', async () => {
    const at = startServer(everything)
    const first = await issue(at, { label: 'Phone', userAgent: 'App 1', remoteAddress: '198.51.100.1' })
    expect(await only(at)).toMatchObject({ label: 'Phone', userAgent: 'App 1', lastUserAgent: undefined })
    await at.server.tokens.refresh({
      refreshToken: first.refresh_token,
      clientId: 'app-a',
      userAgent: 'App 2',
      remoteAddress: '203.0.113.9',
    })

    expect(await only(at)).toMatchObject({ lastUserAgent: 'App 2', lastRemoteAddress: '203.0.113.9' })
  })

  test('of a password grant is the request of a public client, or what authenticateUser gives', async () => {
    const options: Partial<AuthorizationServerOptions> = {
      ...everything,
      authenticateUser: (username) => ({ subject: 'u1', ...(username === 'app' && { userAgent: 'Theirs' }) }),
    }
    const at = startServer({
      ...options,
      clients: [
        { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: ['password'], scope: 'read' },
      ],
    })
    const form = { grant_type: 'password', client_id: 'tv', password: 'x' }
    await at.token({ ...form, username: 'request' }, home)
    expect(await only(at)).toMatchObject({ userAgent: 'Firefox at home', remoteAddress: '198.51.100.1' })
    at.clock.advance(1)
    await at.token({ ...form, username: 'app' }, home)
    expect((await at.server.grants.list({ subject: 'u1' }))[1]).toMatchObject({
      userAgent: 'Theirs',
      remoteAddress: '198.51.100.1',
    })
  })

  test('is cut where whoever sends the request has made it long', async () => {
    const at = startServer(everything)
    const { refresh_token } = await signIn(at, home, home)
    await at.refresh(refresh_token, {}, from('x'.repeat(10_000), 'y'.repeat(10_000)))

    const grant = await only(at)
    expect([grant?.lastUserAgent?.length, grant?.lastRemoteAddress?.length]).toEqual([512, 64])
  })

  test('outlives a change of secrets: the turn seals it under the new one', async () => {
    const storage = new MemoryStorage()
    const old = startServer({ ...everything, storage, secrets: [olderSecret] })
    const { refresh_token } = await signIn(old, home, home)
    const both = startServer({ ...everything, storage, secrets: [secret, olderSecret] }, old.clock)
    expect(await only(both)).toMatchObject({ label: 'My laptop', lastRemoteAddress: '198.51.100.1' })
    await both.refresh(refresh_token, {}, train)
    const at = startServer({ ...everything, storage, secrets: [secret] }, old.clock)

    expect(await only(at)).toMatchObject({ label: 'My laptop', lastRemoteAddress: '203.0.113.9' })
  })

  test.each([{ keep: ['address'] }, { keep: 'label' }])('%p is no option', (sessions) => {
    expect(() => startServer({ sessions: sessions as never })).toThrow(
      expect.objectContaining({ code: 'sessions.keep' }),
    )
  })

  test.each([{ label: 7 }, { userAgent: ['x'] }, { remoteAddress: null }])(
    '%p is no sign-in',
    async (wrong) => {
      await expect(issue(startServer(everything), wrong as never)).rejects.toThrow(/must be a string/)
    },
  )
})
