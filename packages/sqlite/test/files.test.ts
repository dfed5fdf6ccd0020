import { copyFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createAuthorizationServer } from '@oauth-ratchet/core'
import { expectationOf, sampleChange, sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'

import { SqliteStorage } from '../src/index.js'

const GONE = { name: 'StorageError', outcome: 'not_applied' }

describe('a database file that goes away under the server', () => {
  let folder = ''
  let file = ''
  let storage: SqliteStorage
  let clock = 0

  const aSecondLater = (): void => {
    clock += 1000
  }
  const find = () => storage.grants.find('id')

  beforeEach(async () => {
    clock = performance.now()
    jest.spyOn(performance, 'now').mockImplementation(() => clock)
    folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-files-'))
    file = join(folder, 'data', 'oauth.sqlite')
    storage = new SqliteStorage({ file })
    await storage.init()
    await find()
  })

  afterEach(async () => {
    jest.restoreAllMocks()
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const ways: Record<string, () => void> = {
    'is removed': () => rmSync(file),
    'is renamed': () => renameSync(file, `${file}.old`),
    'is replaced by a backup': () => {
      copyFileSync(file, `${file}.backup`)
      renameSync(`${file}.backup`, file)
    },
    'loses its write-ahead log': () => rmSync(`${file}-wal`),
    'has another write-ahead log put in its place': () => {
      rmSync(`${file}-wal`)
      writeFileSync(`${file}-wal`, '')
    },
    'loses the memory that processes share': () => rmSync(`${file}-shm`),
    'loses its folder, as when that is unmounted': () =>
      renameSync(join(folder, 'data'), join(folder, 'elsewhere')),
    'is removed with its folder': () => rmSync(join(folder, 'data'), { recursive: true }),
  }

  it.each(Object.entries(ways))('and %s is an outage within a second, for every call', async (_, happen) => {
    const now = Date.now()
    const record = sampleGrant(now)
    await storage.grants.create(record)
    happen()
    aSecondLater()

    const calls = [
      () => storage.grants.turn(record.id, expectationOf(record, now), sampleChange()),
      () => storage.grants.create(sampleGrant(now)),
      () => storage.grants.scan({ limit: 1 }),
      () => storage.grants.purgeExpired(now, 500),
      () => storage.clients.find('client-a'),
      () => storage.values.mark('key', 'owner', now + 1000, now),
      () => storage.ping(),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject(GONE)
  })

  it('is noticed by a ping at once', async () => {
    await expect(storage.ping()).resolves.toBeUndefined()
    rmSync(file)

    await expect(storage.ping()).rejects.toThrow(/was removed, renamed or replaced/)
    await expect(find()).rejects.toMatchObject(GONE)
  })

  it('is looked for once a second, and not by every call', async () => {
    rmSync(file)
    clock += 999
    await expect(find()).resolves.toBeUndefined()
    clock += 1
    await expect(find()).rejects.toMatchObject(GONE)
    clock += 999
    await expect(find()).rejects.toMatchObject(GONE)
  })

  it('is served again where the very same file is put back', async () => {
    renameSync(join(folder, 'data'), join(folder, 'elsewhere'))
    aSecondLater()
    await expect(find()).rejects.toMatchObject(GONE)
    renameSync(join(folder, 'elsewhere'), join(folder, 'data'))
    aSecondLater()
    await expect(find()).resolves.toBeUndefined()
  })

  it('is made anew by close() and init(), as by a start of the process', async () => {
    rmSync(file)
    await expect(storage.ping()).rejects.toMatchObject(GONE)
    // What is open stays what it was, and does not take the new file for its own.
    await expect(storage.init()).rejects.toMatchObject(GONE)
    await expect(storage.ping()).rejects.toMatchObject(GONE)
    await storage.close()
    await storage.init()
    await expect(storage.ping()).resolves.toBeUndefined()
  })

  it('is noticed behind a link that leads to another file', async () => {
    const link = join(folder, 'link.sqlite')
    symlinkSync(file, link)
    const linked = new SqliteStorage({ file: link })
    await linked.init()
    await expect(linked.ping()).resolves.toBeUndefined()
    rmSync(link)
    writeFileSync(join(folder, 'other.sqlite'), '')
    symlinkSync(join(folder, 'other.sqlite'), link)

    await expect(linked.ping()).rejects.toMatchObject(GONE)
    await linked.close()
  })

  it('is noticed where the app handed in the database, with a log or without', async () => {
    for (const mode of ['WAL', 'DELETE']) {
      const path = join(folder, `${mode}.sqlite`)
      const database = new BetterSqlite3(path)
      database.pragma(`journal_mode = ${mode}`)
      const borrowing = new SqliteStorage({ database })
      await borrowing.init()
      await borrowing.grants.create(sampleGrant(Date.now()))
      await expect(borrowing.ping()).resolves.toBeUndefined()
      rmSync(path)

      await expect(borrowing.ping()).rejects.toMatchObject(GONE)
      database.close()
    }
  })

  it('is nothing to look for where the app handed in a database in memory', async () => {
    const database = new BetterSqlite3(':memory:')
    const borrowing = new SqliteStorage({ database })
    await borrowing.init()
    await expect(borrowing.ping()).resolves.toBeUndefined()
    database.close()
  })

  it('is a 503 for a refresh, and request.failed, where it was a 200 into nothing', async () => {
    const server = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      secrets: ['kR3vQd8uXz1LwT6yB9mNc4pHs7jFa2gE5oVi0rUxKtY'],
      scopes: ['read'],
      clients: [
        {
          client_id: 'app',
          token_endpoint_auth_method: 'none',
          grant_types: ['refresh_token'],
          scope: 'read',
        },
      ],
      storage,
      sweepInterval: 0,
    })
    const failed: unknown[] = []
    server.on('request.failed', ({ phase }) => failed.push(phase))
    const { refresh_token: refreshToken = '' } = await server.grants.issue({ clientId: 'app', subject: 'u1' })
    rmSync(join(folder, 'data'), { recursive: true })
    aSecondLater()

    await expect(server.tokens.refresh({ refreshToken, clientId: 'app' })).rejects.toMatchObject({
      status: 503,
      retryAfter: expect.any(Number) as number,
    })

    expect(failed).toEqual(['storage'])
    await expect(server.ping()).rejects.toMatchObject(GONE)
  })
})
