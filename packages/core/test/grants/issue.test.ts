import type { SignIn } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { clientA, clientC, startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue } from '../setup/tokens.js'

describe('grants.issue', () => {
  test('gives first tokens after the app’s own login: a grant like any other', async () => {
    const at = startServer()

    const tokens = await issue(at, {
      scope: 'read',
      claims: { tier: 'gold' },
      authTime: new Date(1_700_000_000_999),
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      metadata: { device: 'phone' },
    })

    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'read' })
    const now = at.clock.now()
    expect(await at.server.grants.get(idOfGrant(tokens))).toEqual({
      id: idOfGrant(tokens),
      clientId: 'app-a',
      subject: 'u1',
      scope: ['read'],
      claims: { tier: 'gold' },
      authTime: 1_700_000_000,
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      resources: [],
      metadata: { device: 'phone' },
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + 30 * 86_400_000,
      status: 'active',
    })
    expect(await at.refresh(tokens.refresh_token)).toMatchObject({ status: 200 })
  })

  test('the scope is the client’s where none is named, and within it where one is', async () => {
    const at = startServer()

    expect((await issue(at)).scope).toBe('read write')
    expect((await issue(at, { scope: ['write', 'read', 'write'] })).scope).toBe('write read')
    await expect(issue(at, { scope: ' ' })).rejects.toMatchObject({ code: 'invalid_scope' })
    await expect(issue(at, { scope: 'admin' })).rejects.toMatchObject({ code: 'invalid_scope', status: 400 })
    await expect(issue(at, { scope: ['read', 'nothing'] })).rejects.toMatchObject({ code: 'invalid_scope' })
  })

  test('a scope of the client that the server does not have is given to nobody', async () => {
    const at = startServer({ scopes: ['read'] })

    expect((await issue(at)).scope).toBe('read')
    await expect(issue(at, { scope: 'write' })).rejects.toMatchObject({ code: 'invalid_scope' })
  })

  test('an unknown or disabled client is invalid_client', async () => {
    const at = startServer({ clients: [{ ...clientA, disabled: true }] })

    for (const clientId of ['app-a', 'nobody']) {
      await expect(issue(at, { clientId })).rejects.toMatchObject({ code: 'invalid_client', status: 401 })
    }
  })

  test.each<[string, Partial<SignIn>]>([
    ['no subject', { subject: '' }],
    ['a claim that is the server’s own', { claims: { sub: 'x' } }],
    ['milliseconds for authTime', { authTime: 1_700_000_000_000 }],
    ['an authTime that is no time', { authTime: new Date(Number.NaN) }],
    ['a lifetime that is not above 0', { lifetimes: { idle: 0 } }],
    ['a negative lifetime', { lifetimes: { absolute: -1 } }],
  ])('a sign-in with %s is a TypeError, and no grant is left', async (_, wrong) => {
    const at = startServer()

    await expect(issue(at, wrong)).rejects.toThrow(TypeError)

    expect((await at.storage.grants.scan({ limit: 10 })).grants).toEqual([])
  })

  test('lifetimes only shorten the options, and one that is left out shortens nothing', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 1000, absoluteLifetime: 5000 } })
    const idle: { idle?: number; absolute?: number } = { absolute: 3000 }

    const [short, long, one] = [
      await issue(at, { lifetimes: { idle: 10, absolute: 20 } }),
      await issue(at, { lifetimes: { idle: 99_999, absolute: 99_999 } }),
      await issue(at, { lifetimes: Object.assign({ idle: undefined }, idle) as { absolute: number } }),
    ]

    expect(short).toMatchObject({ refresh_token_timeout: 10, authorization_expires_in: 20, expires_in: 10 })
    expect(long).toMatchObject({ refresh_token_timeout: 1000, authorization_expires_in: 5000 })
    expect(one).toMatchObject({ refresh_token_timeout: 1000, authorization_expires_in: 3000 })
  })

  test('lifetimes shorten a grant without a refresh token, which never outlives its access token', async () => {
    const { refresh_token: _, ...only } = await issue(
      startServer({ clients: [{ ...clientA, grant_types: ['authorization_code'] }] }),
      { lifetimes: { absolute: 60 } },
    )

    expect(only).toMatchObject({ expires_in: 60 })
  })

  test('lifetimes hold where the options have no such limit', async () => {
    const at = startServer({ refreshToken: { idleLifetime: null, absoluteLifetime: 5000 } })

    expect(await issue(at, { lifetimes: { idle: 10 } })).toMatchObject({ refresh_token_timeout: 10 })
  })
})

const limited = (most: number | null) => startServer({ refreshToken: { maxPerSubjectAndClient: most } })

describe('the limit of grants per subject and client', () => {
  test('ends the oldest by creation when one more begins, refreshed since or not', async () => {
    const at = limited(2)
    const oldest = await issue(at)
    at.clock.advance(1)
    const second = await issue(at)
    at.clock.advance(1)
    await at.refresh(oldest.refresh_token)

    const third = await issue(at)

    await expectDead(at, { access_token: oldest.access_token })
    await expectAlive(at, second)
    await expectAlive(at, third)
    expect(at.events('grant.revoked')).toMatchObject([{ grantId: idOfGrant(oldest), reason: 'limit' }])
  })

  test('ends the grant that has just begun where the others are newer, by the clock of another host', async () => {
    const at = limited(1)
    const newest = await issue(at)
    at.clock.advance(-10)

    const older = await issue(at)

    await expectAlive(at, newest)
    await expectDead(at, { access_token: older.access_token })
  })

  test('leaves exactly as many as may be of those that begin at the same time, the newest by creation and id', async () => {
    const at = limited(50)
    const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(at)))

    await Promise.all([
      ...codes.map((code) => at.token(redemption(code))),
      ...Array.from({ length: 30 }, () => issue(at)),
    ])

    const { grants } = await at.storage.grants.scan({ limit: 100 })
    const sorted = grants.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    expect(sorted.map(({ revoked }) => revoked?.reason)).toEqual([
      ...Array.from({ length: 10 }, () => 'limit'),
      ...Array.from({ length: 50 }, () => undefined),
    ])
    expect(at.events('grant.revoked')).toHaveLength(10)
  })

  test('counts each subject and each client by itself', async () => {
    const at = limited(1)
    const all = [
      await issue(at),
      await issue(at, { subject: 'u2' }),
      await issue(at, { clientId: clientC.client_id }),
    ]

    for (const { access_token } of all) await expectAlive(at, { access_token })
  })

  test('counts what is live only', async () => {
    const at = limited(2)
    const [ended, kept] = [await issue(at), await issue(at)]
    await at.server.tokens.revoke(ended.refresh_token)

    await issue(at)

    await expectAlive(at, kept)
  })

  test('brings a number that was above it down to it', async () => {
    const at = limited(null)
    for (let count = 0; count < 5; count++) {
      await issue(at)
      at.clock.advance(1)
    }
    const now = startServer({ storage: at.storage, refreshToken: { maxPerSubjectAndClient: 2 } }, at.clock)

    const latest = await issue(now)

    const left = await now.server.grants.list({ subject: 'u1' })
    expect(left).toHaveLength(2)
    expect(left.map((grant) => grant.id)).toContain(idOfGrant(latest))
  })

  test('null is none', async () => {
    const at = limited(null)
    for (let count = 0; count < 60; count++) await issue(at)

    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(60)
  })
})
