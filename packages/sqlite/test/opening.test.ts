import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { StorageError } from '@oauth-ratchet/core'
import { expectationOf, sampleChange, sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { SqliteStorage } from '../src/index.js'
import type { SqliteStorageOptions } from '../src/index.js'
import { SqliteHarness } from './sqlite-harness.js'

describe('SqliteStorage', () => {
  let folder = ''
  let file = ''
  let storage: SqliteStorage | undefined

  const open = async (options: SqliteStorageOptions): Promise<SqliteStorage> => {
    storage = new SqliteStorage(options)
    await storage.init()
    return storage
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-opening-'))
    file = join(folder, 'oauth.sqlite')
  })

  afterEach(async () => {
    await storage?.close()
    storage = undefined
    rmSync(folder, { recursive: true, force: true })
  })

  it('refuses options that make no sense when it is made', () => {
    const wrong = { file: 'a', synchronous: 'OFF' }
    expect(() => new SqliteStorage({})).toThrow('`file` or `database`')
    expect(() => new SqliteStorage({ file: ':memory:' })).toThrow('MemoryStorage')
    expect(() => Reflect.construct(SqliteStorage, [wrong])).toThrow("'FULL' or 'NORMAL'")
  })

  it.each([
    [{ path: 'a' }, 'Did you mean "file"?'],
    [{ file: 'a', synchronus: 'NORMAL' }, 'Did you mean "synchronous"?'],
    [{ file: 'a', timeout: 5 }, 'Did you mean "timeoutMs"?'],
    [{ file: 'a', verbose: true }, 'It has file, database'],
    ['a', 'wants an object of options'],
    [undefined, 'wants an object of options'],
  ])('refuses names that it does not know: %j', (options, hint) => {
    expect(() => Reflect.construct(SqliteStorage, [options])).toThrow(TypeError)
    expect(() => Reflect.construct(SqliteStorage, [options])).toThrow(hint)
  })

  it('makes the folder and the file, readable for nobody else', async () => {
    file = join(folder, 'made', 'here', 'oauth.sqlite')
    const { clients } = await open({ file })
    await clients.save({ id: 'client-a', revision: 0, data: '{}' }, null)
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o700)
    for (const made of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(made).mode & 0o777).toBe(0o600)
  })

  it('works on a file that is already there, empty or not', async () => {
    writeFileSync(file, '')
    const first = await open({ file })
    await first.clients.save({ id: 'client-a', revision: 0, data: '{}' }, null)
    await first.close()
    const second = await open({ file })
    expect(await second.clients.find('client-a')).toEqual({ id: 'client-a', revision: 0, data: '{}' })
  })

  it('says that a file is no database', async () => {
    writeFileSync(
      file,
      'This is a letter to a friend, and nothing that a database would be made of.'.repeat(9),
    )
    await expect(open({ file })).rejects.toThrow(/not a database/)
    await expect(open({ file })).rejects.toBeInstanceOf(StorageError)
  })

  it('says that a file cannot be opened', async () => {
    writeFileSync(join(folder, 'file'), '')
    const opening = open({ file: join(folder, 'file', 'oauth.sqlite') })
    await expect(opening).rejects.toThrow(/Cannot open the database file/)
    await expect(opening).rejects.toMatchObject({ name: 'StorageError', outcome: 'not_applied' })
  })

  it('refuses a database of a newer version, and leaves it as it is', async () => {
    await (await open({ file })).close()
    const newer = new BetterSqlite3(file)
    newer.exec('UPDATE oauth_schema SET version = 99')
    newer.close()
    await expect(open({ file })).rejects.toThrow('schema version 99')
    const after = new BetterSqlite3(file)
    expect(after.prepare('SELECT version FROM oauth_schema').all()).toEqual([{ version: 99 }])
    after.close()
  })

  it('is not half open after an init that failed: calls say so, and the next init does all of it', async () => {
    await (await open({ file })).close()
    const other = new BetterSqlite3(file)
    other.exec('UPDATE oauth_schema SET version = version + 99')
    other.pragma('journal_mode = DELETE')
    const failing = new SqliteStorage({ file })
    storage = failing
    await expect(failing.init()).rejects.toThrow('made by a newer @oauth-ratchet/sqlite')
    await expect(failing.grants.find('id')).rejects.toMatchObject({ outcome: 'not_applied' })
    // With the connection of the failed one left open this would be refused.
    other.pragma('locking_mode = EXCLUSIVE')
    other.exec('UPDATE oauth_schema SET version = version - 99')
    other.close()

    await failing.init()

    expect(await failing.grants.find('id')).toBeUndefined()
    const after = new BetterSqlite3(file)
    expect(after.pragma('journal_mode', { simple: true })).toBe('wal')
    after.close()
  })

  it('rejects calls before init and after close, as not applied', async () => {
    storage = new SqliteStorage({ file })
    const notOpen = { name: 'StorageError', outcome: 'not_applied' }
    await expect(storage.grants.find('id')).rejects.toMatchObject(notOpen)
    await storage.init()
    expect(await storage.grants.find('id')).toBeUndefined()
    await storage.close()
    await expect(storage.grants.find('id')).rejects.toMatchObject(notOpen)
    await expect(storage.ping()).rejects.toMatchObject(notOpen)
    await storage.init()
    expect(await storage.grants.find('id')).toBeUndefined()
  })

  it('initialises once when init is called several times at once', async () => {
    storage = new SqliteStorage({ file })
    await Promise.all([storage.init(), storage.init(), storage.init()])
    await expect(storage.ping()).resolves.toBeUndefined()
  })

  it('keeps answered turns when it is closed and opened again', async () => {
    const harness = new SqliteHarness()
    const now = Date.now()
    const record = sampleGrant(now)
    const first = await harness.create()
    await first.grants.create(record)
    const { grant } = await first.grants.turn(record.id, expectationOf(record, now), sampleChange())
    await first.close()
    const second = await harness.connect()
    expect(await second.grants.find(record.id)).toEqual(grant)
    await harness.dispose()
  })

  describe('on a database that was handed in', () => {
    let database: Database

    beforeEach(() => {
      database = new BetterSqlite3(file, { timeout: 4321 })
      database.pragma('journal_mode = WAL')
      database.pragma('user_version = 7')
    })

    afterEach(() => {
      database.close()
    })

    it('leaves it open, and its settings and its own version as they were', async () => {
      const borrowing = await open({ database })
      await borrowing.clients.save({ id: 'client-a', revision: 0, data: '{}' }, null)
      await borrowing.close()
      expect(database.open).toBe(true)
      expect(database.pragma('busy_timeout', { simple: true })).toBe(4321)
      expect(database.pragma('user_version', { simple: true })).toBe(7)
      await expect(borrowing.ping()).rejects.toBeInstanceOf(StorageError)
    })

    it('makes its writes durable unless it is told otherwise', async () => {
      await open({ database })
      expect(database.pragma('synchronous', { simple: true })).toBe(2)
      await open({ database, synchronous: 'NORMAL' })
      expect(database.pragma('synchronous', { simple: true })).toBe(1)
    })

    it('reads numbers as numbers even where the app reads them as bigints', async () => {
      database.defaultSafeIntegers(true)
      const { clients } = await open({ database })
      await clients.save({ id: 'client-a', revision: 0, data: '{}' }, null)
      expect(await clients.save({ id: 'client-a', revision: 1, data: '{}' }, 0)).toBe(true)
      expect(await clients.find('client-a')).toEqual({ id: 'client-a', revision: 1, data: '{}' })
    })

    it('writes nothing into a transaction of the app, which could be rolled back', async () => {
      const { clients } = await open({ database })
      database.exec('BEGIN')
      await expect(clients.save({ id: 'client-a', revision: 0, data: '{}' }, null)).rejects.toMatchObject({
        name: 'StorageError',
        outcome: 'not_applied',
      })
      database.exec('ROLLBACK')
      expect(await clients.save({ id: 'client-a', revision: 0, data: '{}' }, null)).toBe(true)
    })

    it('rejects when the app has closed it', async () => {
      const { grants } = await open({ database })
      database.close()
      await expect(grants.find('id')).rejects.toBeInstanceOf(StorageError)
    })
  })
})
