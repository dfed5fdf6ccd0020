import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'

import { expectationOf, sampleChange, sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { SqliteStorage } from '../src/index.js'

const LATE = { name: 'StorageError', outcome: 'not_applied' }

/** Nothing else happens meanwhile, as in a commit on a slow disk, or in a process that the system has stopped. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Milliseconds for which nothing else could happen while a call was waited for. */
async function longestStandstill(call: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  await call().catch(() => undefined)
  await delay(10)
  clearInterval(timer)
  return longest
}

/** Of several looks the first that stays below the limit, for a machine that is busy elsewhere adds to some of them. */
async function standstillBelow(limitMs: number, call: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let looks = 0; looks < 5 && least >= limitMs; looks += 1) {
    least = Math.min(least, await longestStandstill(call))
  }
  return least
}

describe('a write that did not begin within timeoutMs', () => {
  let folder = ''
  let file = ''
  let storage: SqliteStorage
  let other: Database

  const stash = (key: string) => storage.values.stash(key, 'content', Date.now() + 60_000)
  const peek = (key: string) => storage.values.peek(key, Date.now())

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-late-'))
    file = join(folder, 'oauth.sqlite')
    storage = new SqliteStorage({ file, timeoutMs: 500 })
    await storage.init()
    other = new BetterSqlite3(file)
  })

  afterEach(async () => {
    jest.restoreAllMocks()
    other.close()
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('does not happen after the event loop was held up: its caller has been told that nothing is known', async () => {
    const now = Date.now()
    const record = sampleGrant(now)
    await storage.grants.create(record)
    const turning = storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
    standStill(510)
    await expect(turning).rejects.toMatchObject(LATE)
    expect(await storage.grants.find(record.id)).toEqual(record)
  })

  it('does not happen behind a commit that took too long', async () => {
    const stashed = Array.from({ length: 257 }, (_, index) => stash(`key-${index}`))
    const outcomes = Promise.allSettled(stashed)
    // The group before it: the last of the 257 is alone in its own.
    void stashed[0]?.then(() => standStill(510))
    expect((await outcomes).at(-1)).toMatchObject({ status: 'rejected', reason: LATE })
    expect(await Promise.all([peek('key-0'), peek('key-256')])).toEqual(['content', undefined])
  })

  it('is refused when its own time is over, and not with those that came before it', async () => {
    let clock = performance.now()
    jest.spyOn(performance, 'now').mockImplementation(() => clock)
    other.exec('BEGIN IMMEDIATE')
    const first = stash('first')
    await nextTurn()
    clock += 300
    const second = stash('second')
    await nextTurn()
    clock += 100
    const third = stash('third')
    clock += 100
    await expect(first).rejects.toMatchObject(LATE)
    clock += 300
    await expect(second).rejects.toMatchObject(LATE)
    other.exec('COMMIT')
    await third
    expect(await Promise.all(['first', 'second', 'third'].map(peek))).toEqual([
      undefined,
      undefined,
      'content',
    ])
  })

  it('is refused with all others of its group when the storage is closed', async () => {
    other.exec('BEGIN IMMEDIATE')
    const outcomes = Promise.allSettled(['one', 'two'].map(stash))
    await nextTurn()
    await storage.close()
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: LATE })
    other.exec('COMMIT')
    await storage.init()
    expect(await Promise.all([peek('one'), peek('two')])).toEqual([undefined, undefined])
  })

  it('has not stopped the event loop once more where the one before it found the file locked', async () => {
    other.exec('BEGIN IMMEDIATE')
    await expect(stash('first')).rejects.toMatchObject(LATE)
    expect(await standstillBelow(80, () => stash('second'))).toBeLessThan(80)
  })

  it('of a database that was handed in stops the event loop no longer, whatever wait the app has set', async () => {
    const database = new BetterSqlite3(file, { timeout: 3000 })
    const borrowing = new SqliteStorage({ database, timeoutMs: 300 })
    await borrowing.init()
    other.exec('BEGIN IMMEDIATE')
    const saving = () => borrowing.values.stash('key', 'content', Date.now() + 60_000)
    expect(await standstillBelow(1000, saving)).toBeLessThan(1000)
    await expect(saving()).rejects.toMatchObject(LATE)
    expect(database.pragma('busy_timeout', { simple: true })).toBe(3000)
    database.close()
  })

  it.each([0, 1.5, Number.NaN])('is refused as an option if it is %d', (timeoutMs) => {
    expect(() => new SqliteStorage({ file, timeoutMs })).toThrow('`timeoutMs` is a whole number')
  })
})
