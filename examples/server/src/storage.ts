import { resolve } from 'node:path'
import { describeFault, MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import type { Redis } from 'ioredis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { SettingError } from './setting-error.js'

/** A storage, and where it keeps things in words for the start output: never with a password. */
export interface OpenedStorage {
  readonly storage: Storage
  readonly place: string
  /** Closes the connection that was made for the storage, which borrows it and closes nothing. */
  readonly disconnect: () => Promise<void>
}

type Opener = (url: string, baseFolder: string) => Promise<OpenedStorage>

const nothingToClose = (): Promise<void> => Promise.resolve()

/** By the scheme of `STORAGE_URL`. Drivers are loaded only where they are used. */
const openers: Readonly<Record<string, Opener>> = {
  memory: () =>
    Promise.resolve({
      storage: new MemoryStorage(),
      place: 'memory: everything ends with this process',
      disconnect: nothingToClose,
    }),
  sqlite: openSqlite,
  redis: openRedis,
  rediss: openRedis,
  mongodb: openMongo,
  'mongodb+srv': openMongo,
}

/** @throws SettingError for a URL that names no storage, or one that cannot be reached */
export async function openStorage(url: string, baseFolder: string): Promise<OpenedStorage> {
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const opener = Object.hasOwn(openers, scheme) ? openers[scheme] : undefined
  if (opener === undefined) {
    // Without the rest of the URL, which may hold a password.
    throw new SettingError(
      'STORAGE_URL must be like sqlite:data/oauth.sqlite, redis://127.0.0.1:6379, mongodb://127.0.0.1:27017/oauth, or memory:',
    )
  }
  return opener(url, baseFolder)
}

function openSqlite(url: string, baseFolder: string): Promise<OpenedStorage> {
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  if (path === '' || path === ':memory:') {
    throw new SettingError(
      'STORAGE_URL names no file after sqlite: and must be like sqlite:data/oauth.sqlite',
    )
  }
  const file = resolve(baseFolder, path)
  return Promise.resolve({ storage: new SqliteStorage({ file }), place: file, disconnect: nothingToClose })
}

async function openRedis(url: string): Promise<OpenedStorage> {
  const [{ Redis }, { RedisStorage }] = await Promise.all([import('ioredis'), import('@oauth-ratchet/redis')])
  // Looked at first: ioredis takes what is no URL for the path of a socket, or throws a stack trace.
  const database = databaseOf(url)
  const client = new Redis(url, { connectTimeout: 5000 })
  // While it is away the storage answers 503; without a listener ioredis would write each attempt to the log.
  client.on('error', () => {})
  try {
    await connected(client, withoutCredentials(url))
    // A number that the server does not have leaves ioredis on the first one without a word.
    await client.select(database).catch(() => {
      throw new SettingError(
        `STORAGE_URL names the database ${database}, which the Redis there does not have.`,
      )
    })
  } catch (error) {
    client.disconnect()
    throw error
  }
  return {
    storage: new RedisStorage({ client }),
    place: withoutCredentials(url),
    disconnect: async () => {
      if (client.status !== 'end') client.disconnect()
      return Promise.resolve()
    },
  }
}

/** @throws SettingError when it does not get there; a wrong password is said at once, waiting does not cure it */
function connected(client: Redis, place: string): Promise<void> {
  return new Promise((done, failed) => {
    let reason = 'it does not answer'
    const timer = setTimeout(
      () => failed(new SettingError(`STORAGE_URL: the Redis at ${place} cannot be reached (${reason}).`)),
      10_000,
    )
    client.once('ready', () => {
      clearTimeout(timer)
      done()
    })
    client.on('error', (error: Error) => {
      const { message } = error
      reason = reasonOf(error)
      const refusal = /^(WRONGPASS|NOAUTH|NOPERM)\b/.exec(message)?.[1]
      if (refusal === undefined) return
      clearTimeout(timer)
      failed(
        new SettingError(
          `STORAGE_URL has a user or password that the Redis at ${place} refuses (${refusal}).`,
        ),
      )
    })
  })
}

async function openMongo(url: string): Promise<OpenedStorage> {
  const [{ createConnection }, { MongooseStorage }] = await Promise.all([
    import('mongoose'),
    import('@oauth-ratchet/mongoose'),
  ])
  const connection = createConnection(url, { serverSelectionTimeoutMS: 5000 })
  try {
    await connection.asPromise()
  } catch (error) {
    await connection.close()
    throw new SettingError(
      `STORAGE_URL: the MongoDB at ${withoutCredentials(url)} cannot be used (${reasonOf(error)}).`,
    )
  }
  return {
    storage: new MongooseStorage({ connection }),
    place: withoutCredentials(url),
    disconnect: () => connection.close(),
  }
}

/** What an error says, as a part of a sentence and without any secret. */
function reasonOf(error: unknown): string {
  const [first = ''] = describeFault(error).split('\n')
  return first.replace(/^\w*Error: /, '').replace(/\.$/, '')
}

// Up to the last @: a password that was not encoded may have one, or a slash.
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^]*@/, '//').replace(/\?[^]*$/, '')
}

/**
 * The number of the database that a Redis URL names.
 *
 * @throws SettingError that tells nothing of the URL, which may hold a password
 */
function databaseOf(url: string): number {
  const number = /^rediss?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).pathname.slice(1) : 'no URL'
  if (/^\d*$/.test(number)) return Number(number)
  throw new SettingError(
    'STORAGE_URL must be like redis://127.0.0.1:6379/0: is the port a number up to 65535, and are characters like / and @ in the password encoded as %2F and %40?',
  )
}
