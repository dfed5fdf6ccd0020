// What is measured: each subject is an Express 5 app that answers POST /oauth/token with one turn of a stored record.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import express from 'express'
import { Redis } from 'ioredis'
import { MemoryStorage } from '@oauth-ratchet/core'
import { oauthRouter } from '@oauth-ratchet/express'
import { RedisStorage } from '@oauth-ratchet/redis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { serverOn } from './server-on.mjs'

/** name → async (chains) => { app, tokens, close }; `tokens` are the first refresh tokens, one for each chain. */
export const subjects = {
  'ratchet memory': (chains) => ratchet(new MemoryStorage(), chains),
  'bare memory': (chains) => bare(memoryUpdate(), chains),
  'ratchet redis': (chains) => ratchetRedis(chains),
  'bare redis': async (chains) => bare(await redisScript(), chains),
  'ratchet sqlite NORMAL': (chains) => ratchetSqlite('NORMAL', chains),
  'bare sqlite NORMAL': (chains) => bare(sqliteUpdate('NORMAL'), chains),
  'ratchet sqlite FULL': (chains) => ratchetSqlite('FULL', chains),
  'bare sqlite FULL': (chains) => bare(sqliteUpdate('FULL'), chains),
}

async function ratchet(storage, chains, disconnect = () => {}) {
  const server = serverOn(storage)
  await server.ready()
  const tokens = []
  for (let i = 0; i < chains; i++) {
    const { refresh_token } = await server.grants.issue({ clientId: 'app', subject: `user-${i}` })
    tokens.push(refresh_token)
  }
  const app = express()
  app.use('/oauth', oauthRouter(server))
  const close = async () => {
    await server.close()
    disconnect()
  }
  return { app, tokens, close }
}

function ratchetSqlite(synchronous, chains) {
  const file = freshFile()
  return ratchet(new SqliteStorage({ file, synchronous }), chains)
}

// The yardstick: what anybody would write who rotates a row and checks nothing.
async function bare({ insert, update, close }, chains) {
  const tokens = []
  for (let i = 0; i < chains; i++) {
    const token = randomBytes(32).toString('base64url')
    await insert(token)
    tokens.push(token)
  }
  const app = express()
  app.post('/oauth/token', express.urlencoded({ extended: false }), async (req, res) => {
    const next = randomBytes(32).toString('base64url')
    if (!(await update(req.body.refresh_token, next))) return res.status(400).json({ error: 'invalid_grant' })
    res.set('Cache-Control', 'no-store').json({
      access_token: randomBytes(32).toString('base64url'),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: next,
      scope: 'notes:read notes:write',
    })
  })
  return { app, tokens, close: async () => close() }
}

function ratchetRedis(chains) {
  const client = new Redis(process.env.BENCHMARK_REDIS_URL)
  const storage = new RedisStorage({ client, prefix: 'ratchet:' })
  return ratchet(storage, chains, () => client.disconnect())
}

// One EVALSHA per refresh, as ours: a conditional move of a hash from the old token's key to the new one's.
async function redisScript() {
  const client = new Redis(process.env.BENCHMARK_REDIS_URL)
  const sha = await client.script(
    'LOAD',
    `if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
     redis.call('RENAME', KEYS[1], KEYS[2])
     redis.call('HSET', KEYS[2], 'turnedAt', ARGV[1])
     redis.call('PEXPIRE', KEYS[2], ARGV[2])
     return 1`,
  )
  return {
    insert: (token) => client.hset(`bare:${token}`, 'turnedAt', Date.now()),
    update: async (token, next) =>
      (await client.evalsha(sha, 2, `bare:${token}`, `bare:${next}`, Date.now(), 2_592_000_000)) === 1,
    close: () => client.disconnect(),
  }
}

function memoryUpdate() {
  const rows = new Map()
  return {
    insert: (token) => rows.set(token, { turnedAt: Date.now() }),
    update: (token, next) => {
      const row = rows.get(token)
      if (row === undefined) return false
      rows.delete(token)
      rows.set(next, { ...row, turnedAt: Date.now() })
      return true
    },
    close: () => {},
  }
}

function sqliteUpdate(synchronous) {
  const database = new Database(freshFile())
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${synchronous}`)
  database.exec('CREATE TABLE tokens (id INTEGER PRIMARY KEY, token TEXT UNIQUE, turned_at INTEGER) STRICT')
  const insert = database.prepare('INSERT INTO tokens (token, turned_at) VALUES (?, ?)')
  const update = database.prepare('UPDATE tokens SET token = ?, turned_at = ? WHERE token = ?')
  return {
    insert: (token) => insert.run(token, Date.now()),
    update: (token, next) => update.run(next, Date.now(), token).changes === 1,
    close: () => database.close(),
  }
}

function freshFile() {
  const file = join(
    tmpdir(),
    `oauth-ratchet-benchmark-${process.pid}-${randomBytes(4).toString('hex')}.sqlite`,
  )
  process.on('exit', () => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  })
  return file
}
