import { MemoryStorage } from '@oauth-ratchet/core'
import { StallingStorage } from '../setup/stalling-storage.js'
import { startServer } from '../setup/test-server.js'
import type { SentWith, TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'
import type { Tokens } from '../setup/tokens.js'

const outage = { status: 503, body: { error: 'temporarily_unavailable' } }
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

/** What a client sends as `Idempotency-Key` with its refreshes; retries of one send the same. */
const habits = {
  'no key': () => undefined,
  'a new key for each refresh': (count: number) => `key ${count}`,
  'always the same key': () => 'constant',
} as const satisfies Record<string, (count: number) => string | undefined>
type Habit = keyof typeof habits

function withKey(habit: Habit, count: number): SentWith {
  const key = habits[habit](count)
  return key === undefined ? {} : { headers: { 'idempotency-key': key } }
}

/**
 * A session with some refreshes behind it, and a server over a store that can stand still. Ahead: the store has lost the
 * latest of these refreshes in a failover, and the server accepts that.
 */
async function session(habit: Habit, ahead: boolean) {
  const before = startServer({ storage: new MemoryStorage() })
  const tokens: Tokens[] = [await issue(before)]
  const store = new StallingStorage()
  for (let count = 1; count <= 3; count++) {
    const spent = tokens.at(-1) as Tokens
    tokens.push(tokensOf(await before.refresh(spent.refresh_token, {}, withKey(habit, count))))
    if (count !== (ahead ? 2 : 3)) continue
    const record = await before.storage.grants.find(idOfGrant(spent))
    if (record !== undefined) await store.inner.grants.create(record)
  }
  const options = { storageTimeout: 0.02, refreshToken: { acceptAhead: ahead ? 2 : 0 } }
  const at = startServer({ ...options, storage: store.storage }, before.clock)
  const second = startServer({ ...options, storage: store.inner }, before.clock)
  const [spent, current] = tokens.slice(-2).map((each) => each.refresh_token) as [string, string]
  const refresh = (to: TestServer, token = current, sent = withKey(habit, 4)) => to.refresh(token, {}, sent)
  return { at, second, store, spent, current, refresh }
}

const states = [
  ['where the store has it', false],
  ['that is ahead of the store', true],
] as const
const all = Object.keys(habits) as Habit[]
const cases = all.flatMap((habit) => states.map(([state, ahead]) => [habit, state, ahead] as const))

describe.each(cases)('a client with %s, its token presented %s:', (habit, _, ahead) => {
  test('an answered refresh spends it; a retry is answered only for a key of its own', async () => {
    const { at, refresh } = await session(habit, ahead)
    const next = tokensOf(await refresh(at))

    const again = await refresh(at)

    if (habit === 'a new key for each refresh') {
      expect(tokensOf(again).refresh_token).toBe(next.refresh_token)
    } else {
      expect(again).toMatchObject(invalidGrant)
      await expectDead(at, next)
    }
  })

  test('a refresh that an outage left unanswered is answered at its retry, and once', async () => {
    const { at, store, refresh } = await session(habit, ahead)
    // The first turn of a token ahead finds that it is, the second moves forward, and the third is its own.
    store.stall('grants.turn', ahead ? 2 : 0)
    expect(await refresh(at)).toMatchObject(outage)
    await store.goOn()

    const next = tokensOf(await refresh(at))

    await expectAlive(at, next)
    expect(at.events('grant.repeated')).toHaveLength(1)
    expect(at.events('grant.reuse_detected')).toEqual([])
    if (habit !== 'a new key for each refresh') {
      expect(await refresh(at)).toMatchObject(invalidGrant)
      await expectDead(at, next)
    }
  })

  test('and with another key than its own the retry is reuse', async () => {
    const { at, store, refresh, current } = await session(habit, ahead)
    store.stall('grants.turn', ahead ? 2 : 0)
    expect(await refresh(at)).toMatchObject(outage)
    await store.goOn()

    const answer = await refresh(at, current, { headers: { 'idempotency-key': 'another' } })

    // Without a key of its own a client that adds one at the retry is the same client all the same.
    expect(answer.status).toBe(habit === 'no key' ? 200 : 400)
  })

  test('at another process only a key of its own tells the retry from a replay', async () => {
    const { at, second, store, refresh } = await session(habit, ahead)
    store.stall('grants.turn', ahead ? 2 : 0)
    expect(await refresh(at)).toMatchObject(outage)
    await store.goOn()

    const answer = await refresh(second)

    expect(answer.status).toBe(habit === 'a new key for each refresh' ? 200 : 400)
  })

  test('no outage makes the token before it good again', async () => {
    for (const turnsBefore of ahead ? [0, 1, 2] : [0]) {
      const { at, store, refresh, spent } = await session(habit, ahead)
      store.stall('grants.turn', turnsBefore)
      expect(await refresh(at)).toMatchObject(outage)
      await store.goOn()

      // With the key of the refresh that has spent it, where there was one, the store may still know the turn.
      const replay = await refresh(at, spent, {})

      // While the grant has not been moved forward, what the store has as current is all that it can know.
      const isStillCurrent = ahead && turnsBefore === 0
      expect(replay.status).toBe(isStillCurrent ? 200 : 400)
      expect(at.events('grant.repeated')).toEqual([])
    }
  })
})

describe('a grant that was moved forward in an outage', () => {
  test.each(all)('for a client with %s: its token turns at the retry', async (habit) => {
    const { at, store, refresh } = await session(habit, true)
    store.stall('grants.turn', 1)
    expect(await refresh(at)).toMatchObject(outage)
    await store.goOn()

    const next = tokensOf(await refresh(at))

    await expectAlive(at, next)
    expect(at.events('grant.turned')).toHaveLength(1)
    expect(at.events('grant.reuse_detected')).toEqual([])
  })
})
