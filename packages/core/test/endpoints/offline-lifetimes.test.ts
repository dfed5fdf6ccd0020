import type { AuthorizationServerOptions, ClientMetadata } from '@oauth-ratchet/core'
import { authorizationQuery, codeOf, redemption } from '../setup/authorization.js'
import { CountingStorage } from '../setup/counting-storage.js'
import { clientA, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { idOfGrant, issue, tokensOf } from '../setup/tokens.js'

type RefreshToken = NonNullable<AuthorizationServerOptions['refreshToken']>

const short = { idleLifetime: 100, absoluteLifetime: 1000 }
const long = { idleLifetime: 5000, absoluteLifetime: 20_000 }
const both: RefreshToken = { ...short, offline: long }

const serverWith = (refreshToken: RefreshToken, over: Partial<AuthorizationServerOptions> = {}) =>
  startServer({ refreshToken, ...over })

/** One grant without and one with offline access. */
async function two(at: TestServer) {
  const online = await issue(at, { scope: 'read' })
  const offline = await issue(at, { scope: 'read offline_access' })
  return { online, offline }
}

describe('lifetimes of offline access', () => {
  test('are those of grants with that scope, and are in every token response', async () => {
    const at = serverWith(both)
    const { online, offline } = await two(at)
    expect(online).toMatchObject({ refresh_token_timeout: 100, authorization_expires_in: 1000 })
    expect(offline).toMatchObject({ refresh_token_timeout: 5000, authorization_expires_in: 20_000 })
    const code = await codeOf(at, authorizationQuery({ scope: 'read offline_access' }))
    expect(tokensOf(await at.token(redemption(code)))).toMatchObject({ refresh_token_timeout: 5000 })

    at.clock.advance(90)

    expect(tokensOf(await at.refresh(online.refresh_token))).toMatchObject({
      refresh_token_timeout: 100,
      authorization_expires_in: 910,
    })
    expect(tokensOf(await at.refresh(offline.refresh_token))).toMatchObject({
      refresh_token_timeout: 5000,
      authorization_expires_in: 19_910,
    })
  })

  test('cost no storage call: a refresh of either kind is one', async () => {
    const counting = new CountingStorage()
    const at = serverWith(both, { storage: counting.storage })
    const { online, offline } = await two(at)

    for (const { refresh_token } of [online, offline]) {
      expect(await counting.during(() => at.refresh(refresh_token))).toEqual(['grants.turn'])
    }
  })

  test('that were shortened reach grants of their kind at the next refresh, and no others', async () => {
    const at = serverWith(both)
    const { online, offline } = await two(at)
    const shorter = startServer(
      { storage: at.storage, refreshToken: { ...short, offline: { ...long, idleLifetime: 10 } } },
      at.clock,
    )

    expect(tokensOf(await shorter.refresh(online.refresh_token))).toMatchObject({
      refresh_token_timeout: 100,
    })
    expect(tokensOf(await shorter.refresh(offline.refresh_token))).toMatchObject({
      refresh_token_timeout: 10,
    })
    at.clock.advance(500)
    const another = await two(at)
    const absolute = startServer(
      { storage: at.storage, refreshToken: { ...short, offline: { ...long, absoluteLifetime: 600 } } },
      at.clock,
    )
    at.clock.advance(99)
    expect(tokensOf(await absolute.refresh(another.offline.refresh_token))).toMatchObject({
      authorization_expires_in: 501,
    })
    expect(tokensOf(await absolute.refresh(another.online.refresh_token))).toMatchObject({
      authorization_expires_in: 901,
    })
  })

  test('are the same for all where the option is left out, also for grants that began under it', async () => {
    const at = serverWith(both)
    const { offline } = await two(at)
    const without = startServer({ storage: at.storage, refreshToken: short }, at.clock)

    expect(tokensOf(await without.refresh(offline.refresh_token))).toMatchObject({
      refresh_token_timeout: 100,
      authorization_expires_in: 1000,
    })
  })

  test('reach no grant that began before the option was set', async () => {
    const before = serverWith(short)
    const { offline } = await two(before)
    const at = startServer({ storage: before.storage, refreshToken: both }, before.clock)

    expect(tokensOf(await at.refresh(offline.refresh_token))).toMatchObject({ refresh_token_timeout: 100 })
  })

  test('stay where an update takes the scope away, and an update beyond them holds (R32)', async () => {
    const at = serverWith(both)
    const { offline } = await two(at)
    const id = idOfGrant(offline)
    await at.server.grants.update(id, { scope: 'read' })
    const second = tokensOf(await at.refresh(offline.refresh_token))
    expect(second).toMatchObject({ refresh_token_timeout: 5000 })

    await at.server.grants.update(id, { lifetimes: { idle: 8000 } })

    const third = tokensOf(await at.refresh(second.refresh_token))
    expect(third).toMatchObject({ refresh_token_timeout: 8000 })
  })

  test('hold in part: what is left out is that of all grants', async () => {
    const at = serverWith({ ...short, offline: { absoluteLifetime: null } })
    const { offline } = await two(at)
    expect(offline).toMatchObject({ refresh_token_timeout: 100 })
    expect(offline).not.toHaveProperty('authorization_expires_in')
  })

  test.each<[string, Partial<ClientMetadata>, number, number]>([
    ['its own', { offline_idle_lifetime: 300, offline_absolute_lifetime: 3000 }, 300, 3000],
    ['within those of the server', { offline_absolute_lifetime: 90_000 }, 5000, 20_000],
    ['not beyond idle_lifetime and absolute_lifetime by the scope alone', { idle_lifetime: 50 }, 50, 20_000],
    ['over its others', { idle_lifetime: 50, offline_idle_lifetime: 700 }, 700, 20_000],
  ])('of a client are %s', async (_, members, idle, absolute) => {
    const at = serverWith(both, { clients: [{ ...clientA, ...members }] })

    expect(await issue(at, { scope: 'read offline_access' })).toMatchObject({
      refresh_token_timeout: idle,
      authorization_expires_in: absolute,
    })
  })

  test.each<[string, unknown, string]>([
    ['both null', { idleLifetime: null, absoluteLifetime: null }, 'refreshToken.offline.unlimited'],
    ['out of range', { idleLifetime: 0 }, 'refreshToken.offline.idleLifetime.range'],
    ['misspelt', { idle: 5 }, 'options.unknown'],
    ['no object', 5, 'options.invalid'],
  ])('are refused at start: %s', (_, offline, code) => {
    expect(() => serverWith({ offline } as RefreshToken)).toThrow(expect.objectContaining({ code }) as Error)
  })
})
