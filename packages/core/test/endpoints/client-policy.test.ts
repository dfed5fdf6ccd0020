import type { AuthorizationServerOptions, ClientMetadata } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import type { Clock } from '../setup/clock.js'
import { day, hour } from '../setup/clock.js'
import { CountingStorage } from '../setup/counting-storage.js'
import {
  clientA,
  clientB,
  clientC,
  confidentialSecret,
  resourceServer,
  startServer,
} from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const limits = { refreshToken: { idleLifetime: 7 * day, absoluteLifetime: 30 * day } }
const asB = { client_id: 'app-b' }
const asC = { client_id: clientC.client_id, client_secret: confidentialSecret }

/** A server whose clients A and C have these members, and B has not. */
function withPolicy(
  policy: Readonly<Record<string, unknown>>,
  options: Partial<AuthorizationServerOptions> = limits,
  clock?: Clock,
) {
  const { authenticateUser: _, ...rest } = options
  const c = {
    ...clientC,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    ...policy,
  }
  const clients: ClientMetadata[] = [{ ...clientA, ...policy }, clientB, c, resourceServer]
  return startServer({ ...rest, clients }, clock)
}

describe('limits in client metadata', () => {
  test("are that client's, and the server's are the others'", async () => {
    const at = withPolicy({ idle_lifetime: hour, absolute_lifetime: day })

    expect(await issue(at)).toMatchObject({ refresh_token_timeout: hour, authorization_expires_in: day })
    expect(await issue(at, { clientId: 'app-b' })).toMatchObject({
      refresh_token_timeout: 7 * day,
      authorization_expires_in: 30 * day,
    })
  })

  test.each([
    ['a longer absolute one', { absolute_lifetime: 90 * day }, 7 * day],
    ['a longer idle one', { idle_lifetime: 90 * day }, 30 * day],
    ['not an idle one between both limits', { idle_lifetime: 10 * day }, 10 * day],
  ])('are capped at the absolute limit of the server: %s', async (_, policy, idle) => {
    const first = await issue(withPolicy(policy))

    expect(first).toMatchObject({ refresh_token_timeout: idle, authorization_expires_in: 30 * day })
  })

  test('cap an idle one at the absolute one of the client', async () => {
    const first = await issue(withPolicy({ idle_lifetime: 5 * day, absolute_lifetime: day }))

    expect(first).toMatchObject({ refresh_token_timeout: day, authorization_expires_in: day })
  })

  test('hold where the server has none of that kind', async () => {
    const at = withPolicy(
      { absolute_lifetime: day },
      { refreshToken: { idleLifetime: 7 * day, absoluteLifetime: null } },
    )

    expect(await issue(at)).toMatchObject({ authorization_expires_in: day })
  })

  test('that were shortened reach old grants at their next refresh, in one storage call', async () => {
    const counting = new CountingStorage()
    const options = { ...limits, storage: counting.storage }
    const long = withPolicy({}, options)
    const first = await issue(long)
    const other = await issue(long, { clientId: 'app-b' })
    const short = withPolicy({ idle_lifetime: hour, absolute_lifetime: 3 * hour }, options, long.clock)
    await short.server.ready()
    long.clock.advance(2 * hour)
    let second = first

    const calls = await counting.during(async () => {
      second = tokensOf(await short.refresh(first.refresh_token))
    })

    expect(calls).toEqual(['grants.turn'])
    expect(second).toMatchObject({ refresh_token_timeout: hour, authorization_expires_in: hour })
    long.clock.advance(hour)
    expect(await short.refresh(second.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(short, { access_token: second.access_token })
    expect(short.events('grant.reuse_detected')).toEqual([])
    expect(await short.refresh(other.refresh_token, asB)).toMatchObject({ status: 200 })
  })

  test.each([
    ['in one call', {}],
    ['looking first', { scope: 'read' }],
  ])('that an old grant is past end it at its refresh: %s', async (_, form) => {
    const long = withPolicy({})
    const first = await issue(long)
    long.clock.advance(hour)
    const short = withPolicy({ absolute_lifetime: hour }, { ...limits, storage: long.storage }, long.clock)

    expect(await short.refresh(first.refresh_token, form)).toMatchObject(invalidGrant)
    expect([...short.events('grant.turned'), ...short.events('grant.reuse_detected')]).toEqual([])
  })

  test('are told at introspection before the next refresh', async () => {
    const long = withPolicy({})
    const { refresh_token: token } = await issue(long, { clientId: clientC.client_id })
    const short = withPolicy({ absolute_lifetime: day }, { ...limits, storage: long.storage }, long.clock)

    const { body } = await short.introspectAs({ token, ...asC })

    expect(body).toMatchObject({ active: true, authorization_expires_in: day })
  })

  test('hold for a grant that began with a code', async () => {
    const at = withPolicy({ idle_lifetime: hour })

    const tokens = tokensOf(await at.token(redemption(await codeOf(at))))

    expect(tokens).toMatchObject({ refresh_token_timeout: hour })
  })

  test('that grants.update extends beyond them hold, refresh after refresh (R32)', async () => {
    const at = withPolicy({ idle_lifetime: hour, absolute_lifetime: day })
    const first = await issue(at)
    await at.server.grants.update(idOfGrant(first), { lifetimes: { idle: 2 * day, absolute: 5 * day } })

    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(second).toMatchObject({ refresh_token_timeout: 2 * day, authorization_expires_in: 5 * day })
  })
})

describe('reuse_grace in client metadata', () => {
  test('forgives until its end, and other clients are under that of the server', async () => {
    const at = withPolicy({ reuse_grace: 10 })
    const [first, others] = [await issue(at), await issue(at, { clientId: 'app-b' })]
    const second = tokensOf(await at.refresh(first.refresh_token))
    expect(await at.refresh(others.refresh_token, asB)).toMatchObject({ status: 200 })
    at.clock.advance(10)

    expect(tokensOf(await at.refresh(first.refresh_token)).refresh_token).toBe(second.refresh_token)
    expect(await at.refresh(others.refresh_token, asB)).toMatchObject(invalidGrant)
    at.clock.advance(0.001)
    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })

  test.each([
    ['in one call', {}],
    ['looking first', { scope: 'read' }],
  ])('of 0 is strict where the server forgives: %s', async (_, form) => {
    const at = withPolicy({ reuse_grace: 0 }, { refreshToken: { reuseGrace: 10 } })
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(first.refresh_token, form)).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })
})

describe('access_token_lifetime in client metadata', () => {
  test.each(['opaque', 'jwt'] as const)('is that of its access tokens: %s', async (format) => {
    const at = withPolicy({ access_token_lifetime: 60 }, { accessToken: { format, lifetime: 900 } })
    const [tokens, others] = [await issue(at), await issue(at, { clientId: 'app-b' })]

    expect([tokens.expires_in, others.expires_in]).toEqual([60, 900])
    expect(tokensOf(await at.refresh(tokens.refresh_token)).expires_in).toBe(60)
    at.clock.advance(60)
    const late = at.server.tokens.verify(tokens.access_token)
    await expect(late).rejects.toMatchObject({ code: 'invalid_token' })
    expect(await at.server.tokens.verify(others.access_token)).toMatchObject({ clientId: 'app-b' })
  })

  test('is that of client credentials', async () => {
    const at = withPolicy({ access_token_lifetime: 3600 })

    expect((await at.token({ grant_type: 'client_credentials', ...asC })).body).toMatchObject({
      expires_in: 3600,
    })
  })

  test('never outlives the grant', async () => {
    const first = await issue(withPolicy({ access_token_lifetime: 2 * hour, absolute_lifetime: hour }))

    expect(first.expires_in).toBe(hour)
  })

  test('is how long a grant without a refresh token lives', async () => {
    const at = withPolicy({ access_token_lifetime: 3600, grant_types: [] })
    const { access_token } = await issue(at)
    at.clock.advance(3599)

    await expectAlive(at, { access_token })
  })

  test('is within the time for which an ended grant is remembered, whoever ends it', async () => {
    const at = withPolicy({ access_token_lifetime: day })
    const tokens = await issue(at)
    await at.server.grants.revokeAll({ subject: 'u1' })
    at.clock.advance(day - 1)

    await at.storage.grants.purgeExpired(at.clock.now(), 100)

    expect(await at.server.grants.get(idOfGrant(tokens))).toMatchObject({ status: 'revoked' })
  })
})

describe('policy members that cannot work', () => {
  test.each([
    ['reuse_grace', -1],
    ['reuse_grace', 301],
    ['reuse_grace', '10'],
    ['access_token_lifetime', 0],
    ['access_token_lifetime', 86_401],
    ['access_token_lifetime', Number.NaN],
    ['idle_lifetime', 0],
    ['idle_lifetime', 30 * day * 1000],
    ['absolute_lifetime', Number.POSITIVE_INFINITY],
    ['idle_lifetime', null],
    ['absolute_lifetime', null],
  ])('are refused at the start: %s %s', (member, value) => {
    expect(() => withPolicy({ [member]: value })).toThrow(
      expect.objectContaining({ code: `clients.${member}` }) as Error,
    )
  })

  test('are refused when a client is registered or changed', async () => {
    const { clients } = startServer().server
    const { client_id } = await clients.create({ grant_types: [], reuse_grace: 10 })
    const refused = { code: 'clients.absolute_lifetime' }
    const wrong = { grant_types: [], absolute_lifetime: 0 }

    await expect(clients.create(wrong)).rejects.toMatchObject(refused)
    await expect(clients.update(client_id, wrong)).rejects.toMatchObject(refused)
    expect(await clients.get(client_id)).toMatchObject({ reuse_grace: 10 })
  })

  test.each([
    ['accessTokenLifetime', 'access_token_lifetime'],
    ['reuseGrace', 'reuse_grace'],
  ])('are known by a near name: %s', (given, meant) => {
    expect(() => withPolicy({ [given]: 60 })).toThrow(meant)
  })
})
