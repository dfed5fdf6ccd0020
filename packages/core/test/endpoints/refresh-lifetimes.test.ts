import { MemoryStorage } from '@oauth-ratchet/core'
import { day, hour, minute } from '../setup/clock.js'
import { startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describe('the limits of a grant', () => {
  test('rotation never extends the absolute one (R14)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: null, absoluteLifetime: 8 * hour } })
    const first = await issue(at)
    at.clock.advance(10 * minute)
    const second = tokensOf(await at.refresh(first.refresh_token))
    at.clock.advance(8 * hour - 10 * minute - 1)
    const third = tokensOf(await at.refresh(second.refresh_token))
    at.clock.advance(1)

    expect(await at.refresh(third.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(at, third)
  })

  test('the idle one counts from the latest turn (R15)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: hour, absoluteLifetime: null } })
    let tokens = await issue(at)
    for (let turn = 0; turn < 5; turn++) {
      at.clock.advance(hour - 1)
      tokens = tokensOf(await at.refresh(tokens.refresh_token))
    }
    at.clock.advance(hour)

    expect(await at.refresh(tokens.refresh_token)).toMatchObject(invalidGrant)
  })

  test('what has expired is inactive and no reuse, and leaves other grants alone (R16)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: hour } })
    const first = await issue(at)
    at.clock.advance(30 * minute)
    const sibling = await issue(at)
    at.clock.advance(30 * minute)

    await expectDead(at, first)

    await expectAlive(at, { refresh_token: sibling.refresh_token })
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('an access token never outlives them (R18)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: null, absoluteLifetime: hour } })
    const first = await issue(at)
    at.clock.advance(50 * minute)

    const last = tokensOf(await at.refresh(first.refresh_token))

    expect(last.expires_in).toBe(10 * minute)
    expect((await at.introspect(last.access_token)).body).toMatchObject({
      exp: at.clock.seconds + 10 * minute,
    })
    at.clock.advance(10 * minute)
    await expectDead(at, last)
  })

  test('are told with every refresh token as the draft has it (R19)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 7 * day, absoluteLifetime: 10 * day } })
    const day0 = await issue(at)
    at.clock.advance(2 * day)
    const day2 = tokensOf(await at.refresh(day0.refresh_token))
    at.clock.advance(5 * day)
    const day7 = tokensOf(await at.refresh(day2.refresh_token))

    expect(day0).toMatchObject({ refresh_token_timeout: 604_800, authorization_expires_in: 864_000 })
    expect(day2).toMatchObject({ refresh_token_timeout: 604_800, authorization_expires_in: 691_200 })
    expect(day7).toMatchObject({ refresh_token_timeout: 259_200, authorization_expires_in: 259_200 })
    for (const each of [day0, day2, day7])
      expect(each.refresh_token_expires_in).toBe(each.refresh_token_timeout)
  })

  test('that are not there are not told, and never as null (H12)', async () => {
    const idle = startServer({ refreshToken: { idleLifetime: 7 * day, absoluteLifetime: null } })
    const absolute = startServer({ refreshToken: { idleLifetime: null, absoluteLifetime: 10 * day } })

    const [byIdle, byAbsolute] = [await issue(idle), await issue(absolute)]

    expect(byIdle).not.toHaveProperty('authorization_expires_in')
    expect(byIdle).toMatchObject({ refresh_token_timeout: 604_800, refresh_token_expires_in: 604_800 })
    expect(byAbsolute).not.toHaveProperty('refresh_token_timeout')
    expect(byAbsolute).toMatchObject({ authorization_expires_in: 864_000, refresh_token_expires_in: 864_000 })
  })

  test('introspecting a refresh token tells them and moves none (R21)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: hour, absoluteLifetime: 10 * hour } })
    const { refresh_token } = await issue(at)
    for (let minutes = 10; minutes < 60; minutes += 10) {
      at.clock.advance(10 * minute)
      expect((await at.introspect(refresh_token)).body).toMatchObject({
        active: true,
        refresh_token_timeout: hour - minutes * minute,
        authorization_expires_in: 10 * hour - minutes * minute,
      })
    }
    at.clock.advance(10 * minute)

    expect((await at.introspect(refresh_token)).body).toEqual({ active: false })
  })

  test('grow in place when the authorization is extended, for tokens that are out too (R32)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: null, absoluteLifetime: day } })
    const first = await issue(at)
    at.clock.advance(day - 1)

    await at.server.grants.update(idOfGrant(first), { lifetimes: { absolute: 5 * day } })
    at.clock.advance(day)

    expect(tokensOf(await at.refresh(first.refresh_token)).authorization_expires_in).toBe(4 * day)
  })

  test('that were shortened in the options reach old grants at their next turn', async () => {
    const storage = new MemoryStorage()
    const long = startServer({ storage })
    const first = await issue(long)
    const short = startServer({ storage, refreshToken: { idleLifetime: hour } }, long.clock)

    const second = tokensOf(await short.refresh(first.refresh_token))

    expect(second.refresh_token_timeout).toBe(hour)
    long.clock.advance(hour)
    expect(await short.refresh(second.refresh_token)).toMatchObject(invalidGrant)
  })

  test('that were shortened reach the absolute one of old grants too, counted from consent (R14)', async () => {
    const long = startServer()
    const first = await issue(long)
    long.clock.advance(hour)
    const short = startServer(
      { storage: long.storage, refreshToken: { idleLifetime: 7 * day, absoluteLifetime: 3 * hour } },
      long.clock,
    )
    expect((await short.introspect(first.refresh_token)).body).toMatchObject({
      authorization_expires_in: 2 * hour,
      refresh_token_timeout: 2 * hour,
    })

    const second = tokensOf(await short.refresh(first.refresh_token))

    expect(second).toMatchObject({
      authorization_expires_in: 2 * hour,
      refresh_token_expires_in: 2 * hour,
      refresh_token_timeout: 2 * hour,
    })
    long.clock.advance(2 * hour)
    expect(await short.refresh(second.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(short, second)
  })

  test.each([
    ['in one call', {}],
    ['looking first', { scope: 'read' }],
  ])(
    'that an old grant is past by the new options end it at its refresh, and are no reuse: %s',
    async (_, form) => {
      const long = startServer()
      const first = await issue(long)
      long.clock.advance(hour)
      const short = startServer(
        { storage: long.storage, refreshToken: { absoluteLifetime: hour } },
        long.clock,
      )

      expect(await short.refresh(first.refresh_token, form)).toMatchObject(invalidGrant)

      await expectDead(short, { refresh_token: first.refresh_token })
      expect([...short.events('grant.reuse_detected'), ...short.events('grant.turned')]).toEqual([])
    },
  )

  test('that an update extends beyond the options hold, refresh after refresh (R32)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: hour, absoluteLifetime: day } })
    const first = await issue(at)
    await at.server.grants.update(idOfGrant(first), { lifetimes: { idle: 2 * day, absolute: 5 * day } })
    at.clock.advance(day)

    const second = tokensOf(await at.refresh(first.refresh_token))
    await at.server.grants.update(idOfGrant(first), { metadata: { device: 'phone' } })
    at.clock.advance(day)
    const third = tokensOf(await at.refresh(second.refresh_token, { scope: 'read' }))

    expect(second).toMatchObject({ refresh_token_timeout: 2 * day, authorization_expires_in: 4 * day })
    expect(third).toMatchObject({ refresh_token_timeout: 2 * day, authorization_expires_in: 3 * day })
    await at.server.grants.update(idOfGrant(first), { lifetimes: { idle: day, absolute: 3 * day } })
    at.clock.advance(hour)
    expect(tokensOf(await at.refresh(third.refresh_token))).toMatchObject({ refresh_token_timeout: day })
  })

  test('that an update puts back within the options are capped by them again', async () => {
    const at = startServer({ refreshToken: { idleLifetime: day, absoluteLifetime: 4 * day } })
    const first = await issue(at)
    await at.server.grants.update(idOfGrant(first), { lifetimes: { absolute: 9 * day } })
    await at.server.grants.update(idOfGrant(first), { lifetimes: { absolute: 3 * day } })
    const short = startServer(
      { storage: at.storage, refreshToken: { idleLifetime: day, absoluteLifetime: 2 * day } },
      at.clock,
    )

    expect(tokensOf(await short.refresh(first.refresh_token))).toMatchObject({
      authorization_expires_in: 2 * day,
    })
  })

  test('that cap a grant without an idle limit of its own are told too (R19)', async () => {
    const storage = new MemoryStorage()
    const without = startServer({ storage, refreshToken: { idleLifetime: null } })
    const first = await issue(without)
    const capped = startServer({ storage, refreshToken: { idleLifetime: hour } }, without.clock)

    const second = tokensOf(await capped.refresh(first.refresh_token))

    expect(second).toMatchObject({ refresh_token_expires_in: hour, refresh_token_timeout: hour })
  })

  test('a rounded second is never more than there is', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 100, absoluteLifetime: 1000 } })
    const first = await issue(at)
    at.clock.advance(99.999)

    expect((await at.introspect(first.refresh_token)).body).toMatchObject({
      refresh_token_timeout: 0,
      authorization_expires_in: 900,
    })
  })
})

describe('a grant without a refresh token', () => {
  test('lives as long as its access token', async () => {
    const at = startServer({
      accessToken: { lifetime: 600 },
      clients: [{ client_id: 'app-a', token_endpoint_auth_method: 'none', grant_types: [], scope: 'read' }],
    })

    const tokens = await issue(at)

    expect(tokens).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'read',
    })
    expect(await at.server.grants.get(idOfGrant(tokens))).toMatchObject({
      status: 'active',
      expiresAt: at.clock.now() + 600_000,
    })
    at.clock.advance(600)
    expect(await at.server.grants.get(idOfGrant(tokens))).toMatchObject({ status: 'expired' })
  })
})
