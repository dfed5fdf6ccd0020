import { existsSync, readFileSync } from 'node:fs'

import type { GrantRecord } from '@oauth-ratchet/core'
import { expectationOf, sampleChange, sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'

import type { SqliteStorage } from '../src/index.js'
import { SqliteHarness } from './sqlite-harness.js'

const HOUR = 3_600_000

describe('what SqliteStorage leaves on the disk', () => {
  const harness = new SqliteHarness()
  let storage: SqliteStorage
  let now = 0

  beforeEach(async () => {
    storage = await harness.create()
    now = Date.now()
  })

  afterEach(() => harness.dispose())

  const grant = (fields: Partial<GrantRecord> = {}): GrantRecord =>
    sampleGrant(now, { id: 'id', generation: 1000, nonce: 'nonce-1000', ...fields })

  const turn = async (record: GrantRecord, times: number): Promise<GrantRecord> => {
    let current = record
    for (let turned = 0; turned < times; turned += 1) {
      const number = current.generation + 1
      const next = sampleChange({ nonce: `nonce-${number}`, keyHash: `key-${number}` })
      const result = await storage.grants.turn('id', expectationOf(current, now), next)
      if (result.grant === undefined || !result.turned) throw new Error('the grant should have turned')
      current = result.grant
    }
    return current
  }

  /** Brings the log into the file, and reads both. */
  const bytes = (checkpoint: boolean): string => {
    if (checkpoint) {
      const database = new BetterSqlite3(harness.file)
      database.pragma('wal_checkpoint(TRUNCATE)')
      database.close()
    }
    return [harness.file, `${harness.file}-wal`]
      .map((path) => (existsSync(path) ? readFileSync(path, 'latin1') : ''))
      .join()
  }

  const stored = (): unknown => {
    const database = new BetterSqlite3(harness.file)
    const tables = database
      .prepare(
        'SELECT name, sum(payload) AS payload, count(*) AS pages FROM dbstat GROUP BY name ORDER BY name',
      )
      .all()
    database.close()
    return tables
  }

  it('is as large after 1,000 turns as after one, in the table and in its indexes', async () => {
    await storage.grants.create(grant())
    const first = await turn(grant(), 2)
    const afterOne = stored()
    await turn(first, 999)
    expect(stored()).toEqual(afterOne)
  })

  it('holds nothing that was sealed in a revoked grant, once the log has been worked in', async () => {
    const facts = 'sealed-facts-to-be-gone'
    const seen = 'sealed-sight-to-be-gone'
    await storage.grants.create(grant({ facts, seen }))
    await storage.grants.create(grant({ id: 'other', facts: 'facts-that-stay' }))
    for (const sealed of [facts, seen]) expect(bytes(false)).toContain(sealed)
    await storage.grants.revoke('id', 'revoked', now, { keepUntil: now + HOUR, by: 'call' })
    const left = bytes(true)
    expect(left).toContain('facts-that-stay')
    expect(left).not.toContain(facts)
    expect(left).not.toContain(seen)
  })

  it('holds no nonce of older turns, no taken value and no removed client, once the log has been worked in', async () => {
    await storage.grants.create(grant({ nonce: 'nonce-of-old' }))
    expect(bytes(false)).toContain('nonce-of-old')
    await turn(grant({ nonce: 'nonce-of-old' }), 2)
    await storage.values.stash('key', 'value-to-be-gone', now + HOUR)
    expect(bytes(false)).toContain('value-to-be-gone')
    await storage.values.take('key', now)
    await storage.clients.save({ id: 'client-a', revision: 0, data: 'client-to-be-gone' }, null)
    expect(bytes(false)).toContain('client-to-be-gone')
    await storage.clients.remove('client-a')
    const left = bytes(true)
    expect(left).toContain('nonce-1002')
    for (const gone of ['nonce-of-old', 'value-to-be-gone', 'client-to-be-gone'])
      expect(left).not.toContain(gone)
  })

  it('is removed with what expired', async () => {
    await storage.grants.create(grant({ facts: 'facts-to-be-gone' }))
    expect(bytes(false)).toContain('facts-to-be-gone')
    expect(await storage.grants.purgeExpired(now + 24_000 * HOUR, 500)).toBe(1)
    expect(bytes(true)).not.toContain('facts-to-be-gone')
  })
})
