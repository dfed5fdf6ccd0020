import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expectationOf, sampleChange, sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { SqliteStorage } from '../src/index.js'

const HOUR = 3_600_000

describe('a statement whose commit fails', () => {
  let folder = ''
  let database: Database
  let storage: SqliteStorage

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-commit-'))
    database = new BetterSqlite3(join(folder, 'oauth.sqlite'))
    storage = new SqliteStorage({ database })
    await storage.init()
    // A violation of a deferred foreign key comes to light in the commit, after the row has been answered.
    database.exec(`
      PRAGMA foreign_keys = ON;
      CREATE TABLE parents (id INTEGER PRIMARY KEY);
      CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
    `)
  })

  afterEach(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const failCommitsOf = (event: string): void => {
    database.exec(`CREATE TRIGGER failing AFTER ${event} BEGIN INSERT INTO children VALUES (1); END`)
  }

  it('is not answered as a turn', async () => {
    const now = Date.now()
    const record = sampleGrant(now)
    await storage.grants.create(record)
    failCommitsOf('UPDATE ON oauth_grants')
    const turning = storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
    await expect(turning).rejects.toMatchObject({
      name: 'StorageError',
      cause: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' },
    })
    expect(await storage.grants.find(record.id)).toEqual(record)
  })

  it('gives out no value', async () => {
    const now = Date.now()
    await storage.values.stash('key', 'content', now + HOUR)
    failCommitsOf('DELETE ON oauth_values')
    await expect(storage.values.take('key', now)).rejects.toMatchObject({ name: 'StorageError' })
    expect(await storage.values.peek('key', now)).toBe('content')
  })
})
