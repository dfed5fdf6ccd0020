import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import timers from 'node:timers'

import { expectationOf, sampleChange, sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { SqliteStorage } from '../src/index.js'

describe('writes that arrive in one turn of the event loop', () => {
  let folder = ''
  let database: Database
  let storage: SqliteStorage
  let executed: string[] = []

  const stash = (key: string) => storage.values.stash(key, 'content', Date.now() + 60_000)
  const peek = (key: string) => storage.values.peek(key, Date.now())
  const commits = () => executed.filter((statement) => statement === 'COMMIT').length

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-group-'))
    database = new BetterSqlite3(join(folder, 'oauth.sqlite'), {
      verbose: (statement) => executed.push(String(statement)),
    })
    database.pragma('journal_mode = WAL')
    storage = new SqliteStorage({ database })
    await storage.init()
    executed = []
  })

  afterEach(() => {
    jest.useRealTimers()
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('share one commit', async () => {
    const now = Date.now()
    const records = Array.from({ length: 50 }, () => sampleGrant(now))
    await Promise.all(records.map((record) => storage.grants.create(record)))
    expect(commits()).toBe(1)
    const turns = await Promise.all(
      records.map((record) => storage.grants.turn(record.id, expectationOf(record, now), sampleChange())),
    )
    expect(turns.filter(({ turned }) => turned)).toHaveLength(50)
    expect(commits()).toBe(2)
  })

  it('are answered only when they are committed', async () => {
    const seen: number[] = []
    await Promise.all(['one', 'two'].map((key) => stash(key).then(() => seen.push(commits()))))
    expect(seen).toEqual([1, 1])
  })

  it('see one another in their order: of many turns with one token one turns', async () => {
    const now = Date.now()
    const record = sampleGrant(now)
    await storage.grants.create(record)
    const change = sampleChange()
    const [first, ...others] = await Promise.all([
      storage.grants.turn(record.id, expectationOf(record, now), change),
      ...Array.from({ length: 20 }, () =>
        storage.grants.turn(record.id, expectationOf(record, now), sampleChange()),
      ),
    ])
    expect(first).toMatchObject({ turned: true, grant: { generation: 2, nonce: change.nonce } })
    for (const other of others) {
      expect(other).toMatchObject({ turned: false, grant: { generation: 2, nonce: change.nonce } })
    }
  })

  it('share no commit with more than 255 others', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, index) => stash(`key-${index}`)))
    expect(commits()).toBe(2)
    expect(await peek('key-299')).toBe('content')
  })

  it('fail alone', async () => {
    database.exec(`CREATE TRIGGER failing BEFORE INSERT ON oauth_values WHEN NEW.key LIKE 'bad%'
      BEGIN SELECT RAISE(ABORT, 'bad key'); END`)
    const keys = ['one', 'bad-1', 'two', 'bad-2', 'three']
    const outcomes = await Promise.allSettled(keys.map(stash))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(outcomes[1]).toMatchObject({ reason: { name: 'StorageError', outcome: 'not_applied' } })
    expect(await Promise.all(keys.map(peek))).toEqual(['content', undefined, 'content', undefined, 'content'])
  })

  it('are all refused, and none of them kept, when their commit fails', async () => {
    database.exec(`PRAGMA foreign_keys = ON;
      CREATE TABLE parents (id INTEGER PRIMARY KEY);
      CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER failing AFTER INSERT ON oauth_values WHEN NEW.key = 'bad'
      BEGIN INSERT INTO children VALUES (1); END`)
    const outcomes = await Promise.allSettled(['one', 'bad', 'two'].map(stash))
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StorageError' } })
    }
    expect(await Promise.all(['one', 'bad', 'two'].map(peek))).toEqual([undefined, undefined, undefined])
    await stash('three')
    expect(await peek('three')).toBe('content')
  })

  it('are refused while the app has a transaction open on the database, and go on after it', async () => {
    database.exec('BEGIN')
    const outcomes = await Promise.allSettled(['one', 'two'].map(stash))
    database.exec('COMMIT')
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { outcome: 'not_applied' } })
    }
    await stash('three')
    expect(await peek('three')).toBe('content')
  })

  it('are made also where a test has replaced the timers', async () => {
    // Jest's replace the globals, those of node:test the module too.
    const replaced = jest.spyOn(timers, 'setImmediate').mockReturnThis()
    jest.useFakeTimers()
    await stash('one')
    replaced.mockRestore()
    expect(await peek('one')).toBe('content')
  })
})
