import { MemoryStorage } from '@oauth-ratchet/core'
import type { ForeignSession } from '@oauth-ratchet/core'
import { Clock, day, hour, minute } from '../setup/clock.js'
import { allFaults, FaultyStorage } from '../setup/faulty-storage.js'
import type { Fault } from '../setup/faulty-storage.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { importing, oldToken } from '../setup/old-sessions.js'
import type { ImportingServer } from '../setup/old-sessions.js'
import { basic, clientA, clientC, confidentialSecret } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const unavailable = { status: 503, body: { error: 'temporarily_unavailable' } }
const reasons = (at: ImportingServer) => at.events('token.import_refused').map(({ reason }) => reason)
const begunAt = (at: ImportingServer, authTime: number | undefined) =>
  at.old.rows.set(oldToken, { ...(at.old.rows.get(oldToken) as ForeignSession), authTime })

/** What has expired is gone, as an engine does it. */
async function forget(at: ImportingServer): Promise<void> {
  await at.storage.grants.purgeExpired(at.clock.now(), 1000)
}

describe('a session that has ended does not come back by the token it was imported from', () => {
  const idle = { refreshToken: { idleLifetime: day, absoluteLifetime: 100 * day } }

  test.each<[string, (at: ImportingServer, id: string) => Promise<unknown>]>([
    ['by inactivity', async (at) => at.clock.advance(2 * day)],
    ['by grants.revoke', (at, id) => at.server.grants.revoke(id)],
    ['by a sign-out everywhere', (at) => at.server.grants.revokeAll({ subject: 'u1' })],
    ['by revokeAll of a client', (at) => at.server.grants.revokeAll({ clientId: 'app-a' })],
    ['by revokeAll with a filter', (at) => at.server.grants.revokeAll({ subject: 'u1', scope: 'read' })],
    ['by erase', (at) => at.server.grants.erase({ subject: 'u1' })],
    ['by reuse', (at) => at.refresh(oldToken)],
    ['by revoking that token', (at) => at.server.tokens.revoke(oldToken)],
  ])('%s, not at once and not when its record is gone', async (_, end) => {
    const at = importing(idle)
    const tokens = tokensOf(await at.refresh(oldToken))
    await end(at, idOfGrant(tokens))

    for (const days of [0, 2, 20]) {
      at.clock.advance(days * day)
      await forget(at)
      expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    }
    expect(await at.storage.grants.find(idOfGrant(tokens))).toBeUndefined()
    at.clock.advance(day)
    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
  })

  test('nor within a minute, where its limit is shorter than that', async () => {
    const at = importing({ refreshToken: { idleLifetime: 5 } })
    await at.refresh(oldToken)
    at.clock.advance(6)
    await forget(at)

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    expect(reasons(at)).toEqual(['ended'])
  })

  test('nor when the app has prolonged it since', async () => {
    const at = importing(idle)
    await at.refresh(oldToken)
    at.old.rows.set(oldToken, { subject: 'u1', expiresAt: at.clock.seconds + 80 * day })
    at.clock.advance(40 * day)
    await forget(at)

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
  })
})

describe('a session that was ended before it was imported', () => {
  test.each<[string, (at: ImportingServer) => Promise<unknown>]>([
    ['everywhere', (at) => at.server.grants.revokeAll({ subject: 'u1' })],
    ['by erase', (at) => at.server.grants.erase({ subject: 'u1' })],
  ])('%s is not imported, if it began before or nobody knows when', async (_, end) => {
    const at = importing()
    await end(at)
    at.clock.advance(10 * day)
    await forget(at)

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    begunAt(at, at.clock.seconds - 11 * day)
    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    expect(reasons(at)).toEqual(['signed_out', 'signed_out'])
    begunAt(at, at.clock.seconds - 9 * day)
    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
  })

  test('everywhere, by a sign-out that comes between its two writes and the turn, is ended', async () => {
    const clock = new Clock()
    const inner = new MemoryStorage()
    const storage = interceptedStorage(inner, async ({ name }, proceed) => {
      const answer = await proceed()
      if (name !== 'grants.create') return answer
      // What the walk of another process leaves behind that was begun before the grant was there.
      const { grants } = await inner.grants.scan({ limit: 1 })
      const key = `signed-out ${grants[0]?.subjectHash}`
      await inner.values.stash(key, String(clock.now()), clock.now() + 86_400_000)
      return answer
    })
    const at = importing({ storage }, {}, clock)
    begunAt(at, clock.seconds - day)

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
  })

  test.each([
    ['of all clients', { grantsNotBefore: new Clock().seconds - day }, clientA],
    ['of its client', {}, { ...clientA, grants_not_before: new Clock().seconds - day }],
  ])('by the date before which grants %s are over is not imported either', async (_, options, client) => {
    const at = importing({ ...options, clients: [client] })

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    begunAt(at, at.clock.seconds - 2 * day)
    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    expect(reasons(at)).toEqual(['not_before', 'not_before'])
    begunAt(at, at.clock.seconds - hour)
    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
  })
})

describe('the revocation of a token from before (RFC 7009)', () => {
  const revocations: [string, (at: ImportingServer, token: string) => Promise<unknown>][] = [
    ['at the endpoint', (at, token) => at.revoke({ token, client_id: 'app-a' })],
    ['by the app', (at, token) => at.server.tokens.revoke(token)],
  ]

  test.each(revocations)('%s ends the grant that it was imported to', async (_, revoke) => {
    const at = importing()
    const tokens = tokensOf(await at.refresh(oldToken))

    await revoke(at, oldToken)

    await expectDead(at, tokens)
    expect(at.events('grant.revoked')).toEqual([expect.objectContaining({ reason: 'token_revoked' })])
  })

  test.each(revocations)('%s keeps it from being imported, until it has expired', async (_, revoke) => {
    const at = importing()

    await revoke(at, oldToken)
    await revoke(at, oldToken)

    for (const days of [0, 2, 25]) {
      at.clock.advance(days * day)
      await forget(at)
      expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    }
    expect(at.old.asked).toEqual([oldToken])
  })

  test('is fine twice for a confidential client too', async () => {
    const at = importing({}, { clients: [clientC.client_id] })
    const sent = { headers: basic(clientC.client_id, confidentialSecret) }

    expect(await at.revoke({ token: oldToken }, sent)).toMatchObject({ status: 200 })
    expect(await at.revoke({ token: oldToken }, sent)).toMatchObject({ status: 200 })
  })

  test('of a JWT too, which is no access token of ours', async () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl'
    const at = importing({ accessToken: { format: 'jwt' } })
    at.old.rows.set(jwt, { subject: 'u1', id: 'jti-1', expiresAt: at.clock.seconds + day })

    await at.revoke({ token: jwt, client_id: 'app-a' })

    expect(await at.refresh(jwt)).toMatchObject(invalidGrant)
  })

  test('of an unknown token is fine, and leaves nothing behind', async () => {
    const at = importing()

    expect(await at.revoke({ token: 'x'.repeat(64), client_id: 'app-a' })).toMatchObject({ status: 200 })
    expect((await at.storage.values.scan({ limit: 10 })).values).toEqual([])
    expect((await at.storage.grants.scan({ limit: 10 })).grants).toEqual([])
  })

  test.each(['values.stash', 'grants.create', 'grants.turn'])(
    'while it is being imported, before %s, leaves no tokens that are good',
    async (method) => {
      let revoked = false
      const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
        if (name === method && !revoked) {
          revoked = true
          await at.server.tokens.revoke(oldToken)
        }
        return proceed()
      })
      const at = importing({ storage })

      expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
      expect(revoked).toBe(true)
      at.clock.advance(3 * day)
      await forget(at)
      expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    },
  )
})

describe('a fault during an import consumes nothing', () => {
  const steps = [
    'grants.find',
    'values.peek',
    'values.mark',
    'values.stash',
    'grants.create',
    'grants.turn',
  ] as const
  const cases = steps.flatMap((step) => allFaults.map((fault): [string, Fault] => [step, fault]))

  test.each(cases)('%s: %s', async (step, fault) => {
    const faulty = new FaultyStorage()
    const at = importing({ storage: faulty.storage, storageTimeout: 0.02 })
    at.old.rows.set(oldToken, { subject: 'u1', id: 1, expiresAt: at.clock.seconds + 30 * day })
    await at.server.ready()
    faulty.fail(step, fault)

    const first = await at.refresh(oldToken)

    expect(faulty.spent).toBe(true)
    if (first.status === 200) return expectAlive(at, tokensOf(first))
    expect(first).toMatchObject(unavailable)
    at.clock.advance(30)
    const tokens = tokensOf(await at.refresh(oldToken))
    await expectAlive(at, tokens)
    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })

  test('a crash between the two writes: the next use goes on within a minute', async () => {
    const faulty = new FaultyStorage()
    const at = importing({ storage: faulty.storage })
    await at.server.ready()
    faulty.fail('grants.create', 'refused before it was sent')
    expect(await at.refresh(oldToken)).toMatchObject(unavailable)
    at.clock.advance(minute - 1)

    await expectAlive(at, tokensOf(await at.refresh(oldToken)))
  })

  test('a crash before the turn: the next use turns, and the grant is issued once', async () => {
    const faulty = new FaultyStorage()
    const at = importing({ storage: faulty.storage })
    await at.server.ready()
    faulty.fail('grants.turn', 'refused before it was sent')
    expect(await at.refresh(oldToken)).toMatchObject(unavailable)
    at.clock.advance(hour)

    await expectAlive(at, tokensOf(await at.refresh(oldToken)))
    expect(at.events('grant.issued')).toHaveLength(1)
    expect(at.old.asked).toHaveLength(1)
  })

  test('a sign-out everywhere after a crash before the turn is not undone', async () => {
    const faulty = new FaultyStorage()
    const at = importing({ storage: faulty.storage })
    await at.server.ready()
    faulty.fail('grants.turn', 'refused before it was sent')
    await at.refresh(oldToken)
    await at.server.grants.revokeAll({ subject: 'u1' })

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
  })

  test('an outage when the limit is looked at behind the turn, where more are refused, ends no session', async () => {
    let listed = 0
    const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
      if (name === 'grants.listBySubject' && ++listed === 2) throw new Error('connection lost')
      return proceed()
    })
    const at = importing({ storage, refreshToken: { atLimit: 'refuse' } })

    await expectAlive(at, tokensOf(await at.refresh(oldToken)))
    expect(listed).toBe(2)
    expect(at.events('request.failed')).toEqual([expect.objectContaining({ phase: 'storage' })])
  })
})
