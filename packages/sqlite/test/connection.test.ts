import BetterSqlite3 from 'better-sqlite3'
import { sampleGrant } from '@oauth-ratchet/storage-contract'

import { Connection } from '../src/connection.js'
import { SqliteHarness } from './sqlite-harness.js'

const harness = new SqliteHarness()

afterEach(() => harness.dispose())

/** Whether another connection can take the write lock now. */
function isFree(file: string): boolean {
  const other = new BetterSqlite3(file, { timeout: 0 })
  try {
    other.exec('BEGIN IMMEDIATE; ROLLBACK')
    return true
  } catch {
    return false
  } finally {
    other.close()
  }
}

// A write that took the lock only when it writes would fail where another was committed since its first read: SQLite does not
// wait in that case, however long it may.
test('a write has the lock from its beginning, before it reads; a read has none', async () => {
  await harness.create()
  const { file } = harness
  const options = { file, database: undefined, synchronous: 'NORMAL', timeoutMs: 1000 } as const
  const connection = new Connection(options)
  await connection.open()
  expect(await connection.write(() => isFree(file))).toBe(false)
  expect(await connection.read(() => isFree(file))).toBe(true)
  connection.close()
})

test('a purge removes what expires in the very millisecond, and not what expires in the next', async () => {
  const storage = await harness.create()
  const now = Date.now()
  const record = sampleGrant(now, { expiresAt: now })
  const later = sampleGrant(now, { expiresAt: now + 1 })
  await storage.grants.create(record)
  await storage.grants.create(later)
  expect(await storage.grants.purgeExpired(now, 10)).toBe(1)
  expect(await storage.grants.find(record.id)).toBeUndefined()
  expect(await storage.grants.find(later.id)).toBeDefined()
})
