import { MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { codeOf, redemption } from './setup/authorization.js'
import { Clock } from './setup/clock.js'
import { issuer, startServer } from './setup/test-server.js'
import type { TestServer } from './setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from './setup/tokens.js'

const oldSecret = 'D3TggNS54XylK8Sl6hvf8_TUGDi3bWHhys8QD4qExkdiiXu2'
const newSecret = 'ii6HaUQLVcCNUdbcsewtL6aBMp_JOM4pKsxk0-adKW-o6eOs'
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

/** Deployments of one server on one store, each with its secrets. */
function deployments(options: Parameters<typeof startServer>[0] = {}) {
  const storage: Storage = new MemoryStorage()
  const clock = new Clock()
  return (...secrets: string[]): TestServer => startServer({ ...options, storage, secrets }, clock)
}

describe('secrets: [new, old]', () => {
  test('sessions from before go on, and after one turn each with [new] alone', async () => {
    const deploy = deployments()
    const before = await issue(deploy(oldSecret))
    const turned = tokensOf(await deploy(newSecret, oldSecret).refresh(before.refresh_token))

    const alone = deploy(newSecret)

    await expectAlive(alone, turned)
    const next = tokensOf(await alone.refresh(turned.refresh_token))
    await expect(alone.server.tokens.verify(next.access_token)).resolves.toMatchObject({ subject: 'u1' })
    expect(alone.events('token.unknown_key')).toEqual([])
  })

  test('a sign-out of a session from before ends it, and no other', async () => {
    const deploy = deployments()
    const before = deploy(oldSecret)
    const [one, other] = [await issue(before, { session: 's1' }), await issue(before, { session: 's2' })]
    const rotated = deploy(newSecret, oldSecret)

    expect(await rotated.server.grants.revokeAll({ subject: 'u1', session: 's1' })).toBe(1)

    await expectDead(rotated, one)
    await expectAlive(rotated, other)
  })

  test('sessions from before count for the limit of grants per subject and client', async () => {
    const deploy = deployments({ refreshToken: { maxPerSubjectAndClient: 1 } })
    const before = await issue(deploy(oldSecret))
    const rotated = deploy(newSecret, oldSecret)
    rotated.clock.advance(1)

    await issue(rotated)

    await expectDead(rotated, before)
  })

  test('a turned session is found by its subject and its session with [new] alone', async () => {
    const deploy = deployments()
    const before = await issue(deploy(oldSecret), { session: 's1' })
    await deploy(newSecret, oldSecret).refresh(before.refresh_token)
    const alone = deploy(newSecret)

    expect(await alone.server.grants.list({ subject: 'u1' })).toMatchObject([
      { id: idOfGrant(before), subject: 'u1' },
    ])
    expect(await alone.server.grants.revokeAll({ subject: 'u1', session: 's1' })).toBe(1)
  })

  test('a session that has not turned yet is found by its subject under the older secret', async () => {
    const deploy = deployments()
    const [stays, turns] = [await issue(deploy(oldSecret)), await issue(deploy(oldSecret))]
    const both = deploy(newSecret, oldSecret)
    await both.refresh(turns.refresh_token)

    const ids = (await both.server.grants.list({ subject: 'u1' })).map((grant) => grant.id)

    expect(ids.toSorted()).toEqual([idOfGrant(stays), idOfGrant(turns)].toSorted())
    expect(await both.server.grants.revoke(idOfGrant(stays), { subject: 'u1' })).toBe(true)
    expect(await both.server.grants.revokeAll({ subject: 'u1' })).toBe(1)
  })

  test('those that never turned end cleanly with [new] alone: invalid_grant and an event', async () => {
    const deploy = deployments()
    const before = await issue(deploy(oldSecret))
    const alone = deploy(newSecret)

    expect(await alone.refresh(before.refresh_token)).toMatchObject(invalidGrant)
    await expect(alone.server.tokens.verify(before.access_token)).rejects.toMatchObject({
      code: 'invalid_token',
    })

    expect(alone.events('token.unknown_key')).toEqual([
      {
        at: alone.clock.now(),
        requestId: expect.any(String) as string,
        remoteAddress: '192.0.2.1',
        kind: 'refresh_token',
        keyId: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      },
      {
        at: alone.clock.now(),
        requestId: expect.any(String) as string,
        kind: 'access_token',
        keyId: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      },
    ])
    expect(await alone.server.grants.list({ subject: 'u1' })).toEqual([])
    // They are there again when the old secret is.
    expect(await deploy(newSecret, oldSecret).refresh(before.refresh_token)).toMatchObject({ status: 200 })
  })

  test('access tokens from before are good until they expire', async () => {
    for (const format of ['opaque', 'jwt'] as const) {
      const deploy = deployments({ accessToken: { format } })
      const { access_token } = await issue(deploy(oldSecret))
      const both = deploy(newSecret, oldSecret)

      await expect(both.server.tokens.verify(access_token)).resolves.toMatchObject({ subject: 'u1' })
      expect((await both.introspect(access_token)).body).toMatchObject({ active: true })
    }
  })

  test('a code from before is redeemed, and its grant goes on with [new] alone', async () => {
    const deploy = deployments()
    const code = await codeOf(deploy(oldSecret))

    const first = tokensOf(await deploy(newSecret, oldSecret).token(redemption(code)))

    const alone = deploy(newSecret)
    await expectAlive(alone, first)
    expect(await alone.server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })

  test('reuse of a token from before is reuse, under either secret', async () => {
    const deploy = deployments()
    const before = await issue(deploy(oldSecret))
    const both = deploy(newSecret, oldSecret)
    const turned = tokensOf(await both.refresh(before.refresh_token))

    expect(await both.refresh(before.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(both, turned)
    expect(both.events('grant.reuse_detected')).toMatchObject([{ subject: 'u1' }])
  })

  test('changing a grant keeps it found: update, then [new] alone after a turn', async () => {
    const deploy = deployments()
    const before = await issue(deploy(oldSecret))
    const both = deploy(newSecret, oldSecret)
    await both.server.grants.update(idOfGrant(before), { metadata: { device: 'phone' } })
    await both.refresh(before.refresh_token)

    expect(await deploy(newSecret).server.grants.list({ subject: 'u1' })).toMatchObject([
      { metadata: { device: 'phone' } },
    ])
  })
})

describe('the phases of a rotation', () => {
  test('[old, new]: every process knows the new one, and the old one still signs', async () => {
    const deploy = deployments()
    const first = await issue(deploy(oldSecret, newSecret))

    await expectAlive(deploy(oldSecret), first)
    expect(await deploy(oldSecret).refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test('a session goes back and forth between [old, new] and [new, old] while they are deployed', async () => {
    const deploy = deployments()
    const [one, two] = [deploy(oldSecret, newSecret), deploy(newSecret, oldSecret)]
    let { refresh_token } = await issue(one)
    for (let turn = 0; turn < 6; turn++) {
      const at = turn % 2 ? one : two
      ;({ refresh_token } = tokensOf(await at.refresh(refresh_token)))
      expect(await one.server.grants.list({ subject: 'u1' })).toHaveLength(1)
    }

    expect(await two.refresh(refresh_token)).toMatchObject({ status: 200 })
    expect(await deploy(newSecret).server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })

  test('with a grace, a retry at a process with the other secret first gets the successor, and it works', async () => {
    const deploy = deployments({ refreshToken: { reuseGrace: 10 } })
    const [one, two] = [deploy(oldSecret, newSecret), deploy(newSecret, oldSecret)]
    const first = await issue(one)
    await one.refresh(first.refresh_token)

    const again = tokensOf(await two.refresh(first.refresh_token))

    expect(await one.refresh(again.refresh_token)).toMatchObject({ status: 200 })
  })

  test('a session whose answer was repeated across the rotation goes on with [new] alone after a turn', async () => {
    const deploy = deployments()
    const sent = { headers: { 'idempotency-key': 'k1' } }
    const first = await issue(deploy(oldSecret))
    await deploy(oldSecret).refresh(first.refresh_token, {}, sent)
    const both = deploy(newSecret, oldSecret)
    const repeated = tokensOf(await both.refresh(first.refresh_token, {}, sent))
    const turned = tokensOf(await both.refresh(repeated.refresh_token))
    const alone = deploy(newSecret)

    expect(await alone.server.grants.list({ subject: 'u1' })).toHaveLength(1)
    expect(await alone.refresh(turned.refresh_token)).toMatchObject({ status: 200 })
  })

  test('a change of the grant during the turn does not leave it under the old secret', async () => {
    let during: (() => Promise<unknown>) | undefined
    const deploy = deployments({
      isSubjectActive: async () => {
        await during?.()
        return true
      },
    })
    const first = await issue(deploy(oldSecret))
    const both = deploy(newSecret, oldSecret)
    // Between the look and the turn somebody renames the device.
    during = () => both.server.grants.update(idOfGrant(first), { metadata: { device: 'phone' } })
    const turned = tokensOf(await both.refresh(first.refresh_token))
    during = undefined
    const again = tokensOf(await both.refresh(turned.refresh_token))
    const alone = deploy(newSecret)

    expect(await alone.server.grants.list({ subject: 'u1' })).toHaveLength(1)
    expect(await alone.refresh(again.refresh_token)).toMatchObject({ status: 200 })
  })
})

describe('the realm', () => {
  test('keeps a moved issuer’s sessions, when it is set to the old one', async () => {
    const storage = new MemoryStorage()
    const before = startServer({ storage })
    const first = await issue(before)
    const moved = startServer({ storage, issuer: 'https://new.example.com', realm: issuer }, before.clock)

    const second = tokensOf(await moved.refresh(first.refresh_token))

    await expectAlive(moved, second)
    expect(await moved.server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })

  test('that is another one ends them, and sees nothing of the others', async () => {
    const storage = new MemoryStorage()
    const before = startServer({ storage })
    const first = await issue(before)
    const other = startServer({ storage, realm: 'another' }, before.clock)

    await expectDead(other, first)
    expect(await other.server.grants.list({ subject: 'u1' })).toEqual([])
    expect(await other.server.grants.revokeAll({ subject: 'u1' })).toBe(0)
    expect(await before.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })
})
