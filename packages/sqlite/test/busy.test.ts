import { setImmediate as nextTurn } from 'node:timers/promises'

import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { SqliteStorage } from '../src/index.js'
import { SqliteHarness } from './sqlite-harness.js'

const CLIENT = { id: 'client-a', revision: 0, data: '{}' }

describe('a file that another connection has locked', () => {
  const harness = new SqliteHarness()
  let storage: SqliteStorage
  let other: Database

  beforeEach(async () => {
    storage = await harness.create()
    other = new BetterSqlite3(harness.file)
    other.exec('BEGIN IMMEDIATE')
  })

  afterEach(async () => {
    other.close()
    await harness.dispose()
  })

  // The lock is let go by this very thread: a call that stood still until then would wait in vain.
  it('is waited for without stopping the event loop', async () => {
    const saving = storage.clients.save(CLIENT, null)
    const calls = [storage.values.mark('key', 'owner', Date.now() + 1000, Date.now()), saving]
    await nextTurn()
    other.exec('COMMIT')
    expect(await Promise.all(calls)).toEqual([true, true])
    expect(await storage.clients.find('client-a')).toEqual(CLIENT)
  })

  it('is read all the same', async () => {
    await expect(storage.clients.find('client-a')).resolves.toBeUndefined()
    await expect(storage.ping()).resolves.toBeUndefined()
    // In a transaction, which has no use for the lock.
    const page = { limit: 1 }
    expect((await storage.grants.listBySubject(['h'], { now: 0 }, page)).grants).toEqual([])
  })

  it('rejects a call as not applied when it stays locked, and serves the next when it is free', async () => {
    const saving = Array.from({ length: 5 }, () => storage.clients.save(CLIENT, null))
    const outcomes = await Promise.allSettled(saving)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'StorageError', outcome: 'not_applied' },
      })
    }
    other.exec('COMMIT')
    expect(await storage.clients.find('client-a')).toBeUndefined()
    expect(await storage.clients.save(CLIENT, null)).toBe(true)
  })

  it('is brought up to the schema once it is free', async () => {
    other.exec('COMMIT; DROP TABLE oauth_schema')
    for (const table of ['grants', 'marks', 'values', 'clients']) other.exec(`DROP TABLE oauth_${table}`)
    other.exec('BEGIN IMMEDIATE')
    const connecting = harness.connect()
    await nextTurn()
    other.exec('COMMIT')
    const late = await connecting
    expect(await late.clients.save(CLIENT, null)).toBe(true)
  })

  it('leaves the waiting time of a database that was handed in as it was', async () => {
    const database = new BetterSqlite3(harness.file, { timeout: 50 })
    const borrowing = new SqliteStorage({ database })
    await borrowing.init()
    const saving = borrowing.clients.save(CLIENT, null)
    await nextTurn()
    other.exec('COMMIT')
    expect(await saving).toBe(true)
    expect(database.pragma('busy_timeout', { simple: true })).toBe(50)
    database.close()
  })
})
