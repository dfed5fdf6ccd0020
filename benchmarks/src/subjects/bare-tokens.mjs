// Where the yardsticks keep their tokens: one row a session, and one conditional update to exchange its token for the next.
import { randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { Redis } from 'ioredis'
import { freshFile } from './fresh-file.mjs'

const LIFETIME_MS = 2_592_000_000

/** insert() answers a new session's token; exchange(token) the next one, or undefined for a token that is not current. */
export async function openTokens(store, urls) {
  const { insert, replace, close } = await stores[store.split('-')[0]](store, urls)
  return {
    close,
    insert: async () => {
      const [id, token] = [randomPart(16), randomPart(32)]
      await insert(id, token)
      return `${id}.${token}`
    },
    exchange: async (presented) => {
      const [id, token] = presented.split('.')
      const next = randomPart(32)
      return (await replace(id, token, next)) ? `${id}.${next}` : undefined
    },
  }
}

function randomPart(bytes) {
  return randomBytes(bytes).toString('base64url')
}

const stores = { memory: inMemory, redis: inRedis, sqlite: inSqlite, mongodb: inMongodb }

function inMemory() {
  const rows = new Map()
  return {
    insert: (id, token) => rows.set(id, { token, turnedAt: Date.now() }),
    replace: (id, token, next) => {
      if (rows.get(id)?.token !== token) return false
      rows.set(id, { token: next, turnedAt: Date.now() })
      return true
    },
    close: () => {},
  }
}

/** One EVALSHA that compares and sets one hash, on a connection as ioredis makes it, or with its automatic pipelines. */
async function inRedis(store, urls) {
  const client = new Redis(urls.redis, { enableAutoPipelining: store === 'redis-pipelined' })
  const sha = await client.script(
    'LOAD',
    `if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
     redis.call('HSET', KEYS[1], 'token', ARGV[2], 'turnedAt', ARGV[3])
     redis.call('PEXPIRE', KEYS[1], ${LIFETIME_MS})
     return 1`,
  )
  return {
    insert: (id, token) =>
      client
        .multi()
        .hset(`bare:${id}`, { token, turnedAt: Date.now() })
        .pexpire(`bare:${id}`, LIFETIME_MS)
        .exec(),
    replace: async (id, token, next) =>
      (await client.evalsha(sha, 1, `bare:${id}`, token, next, Date.now())) === 1,
    close: () => client.disconnect(),
  }
}

function inSqlite(store) {
  const database = new Database(freshFile())
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${store.replace('sqlite-', '')}`)
  database.exec('CREATE TABLE sessions (id TEXT PRIMARY KEY, token TEXT, turned_at INTEGER) STRICT')
  const insert = database.prepare('INSERT INTO sessions (id, token, turned_at) VALUES (?, ?, ?)')
  const update = database.prepare('UPDATE sessions SET token = ?, turned_at = ? WHERE id = ? AND token = ?')
  return {
    insert: (id, token) => insert.run(id, token, Date.now()),
    replace: (id, token, next) => update.run(next, Date.now(), id, token).changes === 1,
    close: () => database.close(),
  }
}

/** One findOneAndUpdate with the write concern that ours has. */
async function inMongodb(_, urls) {
  const { default: mongoose } = await import('mongoose')
  const connection = await mongoose.createConnection(urls.mongodb).asPromise()
  const sessions = connection.collection('bare_sessions')
  return {
    insert: (id, token) => sessions.insertOne({ _id: id, token, turnedAt: new Date() }),
    replace: async (id, token, next) =>
      (await sessions.findOneAndUpdate(
        { _id: id, token },
        { $set: { token: next, turnedAt: new Date() } },
        { returnDocument: 'after', writeConcern: { w: 'majority' } },
      )) !== null,
    close: () => connection.close(),
  }
}
