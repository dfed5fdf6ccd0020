import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

import { describeFault } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import type { Redis } from 'ioredis'

import { Failure, UsageError } from '../command-line/failure.js'
import { loadPackage } from './load-package.js'

/** A storage that is up, and where it is in words: never with a password. */
export interface OpenedStorage {
  readonly storage: Storage
  readonly place: string
  close(): Promise<void>
}

interface Opening {
  /** An SQLite file that is not there is made; otherwise it is a misspelt path. */
  readonly mayCreate?: boolean
  /** Where the URL comes from, for messages. */
  readonly named: string
}

type Opener = (url: string, opening: Opening) => Promise<OpenedStorage>

/** No user waits for these calls, and a copy may keep the engine busy. */
const TIMEOUT_MS = 30_000

const openers: Readonly<Record<string, Opener>> = {
  sqlite: openSqlite,
  redis: openRedis,
  rediss: openRedis,
  mongodb: openMongo,
  'mongodb+srv': openMongo,
}

/** @throws Failure for a storage that cannot be reached, UsageError for a URL that names none */
export async function openStorage(url: string, opening: Opening): Promise<OpenedStorage> {
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  if (scheme === 'memory') {
    throw new UsageError(`${opening.named} is memory:, which is gone with the process that has it.`)
  }
  const opener = Object.hasOwn(openers, scheme) ? openers[scheme] : undefined
  if (opener === undefined) {
    // Without the rest of the URL, which may hold a password.
    throw new UsageError(
      `${opening.named} must be like sqlite:data/oauth.sqlite, redis://127.0.0.1:6379 or mongodb://127.0.0.1:27017/oauth.`,
    )
  }
  const opened = await opener(url, opening)
  try {
    await opened.storage.init()
    return opened
  } catch (error) {
    await opened.close()
    throw new Failure(`${opening.named}: ${opened.place} cannot be used (${reasonOf(error)}).`, {
      cause: error,
    })
  }
}

async function openSqlite(url: string, { mayCreate = false, named }: Opening): Promise<OpenedStorage> {
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  if (path === '' || path === ':memory:') throw new UsageError(`${named} names no file after sqlite:.`)
  const file = resolve(path)
  if (!mayCreate && !existsSync(file)) throw new Failure(`${named}: there is no file ${file}.`)
  const { SqliteStorage } = await loadPackage(
    '@oauth-ratchet/sqlite',
    () => import('@oauth-ratchet/sqlite'),
    { scheme: 'sqlite:', packages: ['@oauth-ratchet/sqlite', 'better-sqlite3'] },
  )
  const storage = new SqliteStorage({ file, timeoutMs: TIMEOUT_MS })
  return { storage, place: file, close: () => storage.close() }
}

async function openRedis(url: string, { named }: Opening): Promise<OpenedStorage> {
  const needs = { scheme: 'redis:', packages: ['@oauth-ratchet/redis', 'ioredis'] }
  const { RedisStorage } = await loadPackage(
    '@oauth-ratchet/redis',
    () => import('@oauth-ratchet/redis'),
    needs,
  )
  const driver = await loadPackage('ioredis', () => import('ioredis'), needs)
  // ioredis takes what is no URL for the path of a socket.
  if (!URL.canParse(url) || !/^\/?\d*$/.test(new URL(url).pathname)) {
    throw new UsageError(
      `${named} is no URL like redis://127.0.0.1:6379/0; in a password / is %2F and @ is %40.`,
    )
  }
  const place = withoutCredentials(url)
  const client = new driver.Redis(url, { lazyConnect: true, connectTimeout: 5000 })
  try {
    await connected(client)
  } catch (error) {
    client.disconnect()
    throw new Failure(`${named}: the Redis at ${place} cannot be used (${reasonOf(error)}).`, {
      cause: error,
    })
  }
  return {
    storage: new RedisStorage({ client, timeoutMs: TIMEOUT_MS }),
    place,
    close: () => Promise.resolve(client.disconnect()),
  }
}

/** The first fault counts: who runs a command does not wait for a server to come. */
async function connected(client: Redis): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    client.once('error', reject)
  })
  // Later faults are those of the calls that meet them.
  client.on('error', () => {})
  await Promise.race([client.connect(), failed])
}

async function openMongo(url: string, { named }: Opening): Promise<OpenedStorage> {
  const needs = { scheme: 'mongodb:', packages: ['@oauth-ratchet/mongoose', 'mongoose'] }
  const { MongooseStorage } = await loadPackage(
    '@oauth-ratchet/mongoose',
    () => import('@oauth-ratchet/mongoose'),
    needs,
  )
  const driver = await loadPackage('mongoose', () => import('mongoose'), needs)
  const place = withoutCredentials(url)
  try {
    const connection = await driver.createConnection(url, { serverSelectionTimeoutMS: 5000 }).asPromise()
    const storage = new MongooseStorage({ connection, timeoutMs: TIMEOUT_MS })
    return { storage, place, close: () => connection.close() }
  } catch (error) {
    throw new Failure(`${named}: the MongoDB at ${place} cannot be used (${reasonOf(error)}).`, {
      cause: error,
    })
  }
}

/** What an error says, as a part of a sentence and without any secret. */
export function reasonOf(error: unknown): string {
  const [first = ''] = describeFault(error).split('\n')
  return first.replace(/^\w*Error: /, '').replace(/\.$/, '')
}

// Up to the last @: a password that was not encoded may have one, or a slash.
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^]*@/, '//').replace(/\?[^]*$/, '')
}
