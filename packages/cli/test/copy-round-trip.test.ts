import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { MongooseStorage } from '@oauth-ratchet/mongoose'
import type { AuthorizationServer, Storage } from '@oauth-ratchet/core'
import { ENGINE_TIMEOUT_MS, startMongo, startRedisServer } from '@oauth-ratchet/engines'
import { RedisStorage } from '@oauth-ratchet/redis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { Redis } from 'ioredis'
import { createConnection } from 'mongoose'

import { runBin } from './setup/run-bin.js'
import { serviceOn } from './setup/service.js'

/**
 * By hand with 100,000: `COPY_GRANTS=100000 npx jest packages/cli/test/copy-round-trip`, and with
 * `COPY_ROUTE=sqlite,redis,back` without MongoDB, whose stand-in takes longest.
 */
const GRANTS = Number(process.env['COPY_GRANTS'] ?? 1000)
const ROUTE = (process.env['COPY_ROUTE'] ?? 'sqlite,redis,mongo,back').split(',') as (keyof typeof urls)[]
const SUBJECTS = Math.ceil(GRANTS / 10)
/** Every so many ends, or is looked at. */
const EVERY = 10
const SAMPLES = 50

interface Session {
  readonly id: string
  readonly subject: string
  token: string
  spent?: string
  readonly ended: boolean
}

const folder = mkdtempSync(join(tmpdir(), 'copy-'))
let mongo: Awaited<ReturnType<typeof startMongo>>
let redis: Awaited<ReturnType<typeof startRedisServer>>
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  mongo = await startMongo()
  redis = await startRedisServer()
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  for (const close of closers) await close()
  await mongo?.stop()
  await redis?.stop()
  rmSync(folder, { recursive: true })
})

const urls = {
  sqlite: () => `sqlite:${join(folder, 'first.sqlite')}`,
  redis: () => redis.url,
  mongo: () => mongo.url.replace(/\/?(\?.*)?$/, '/copied$1'),
  back: () => `sqlite:${join(folder, 'back.sqlite')}`,
}

async function opened(name: keyof typeof urls): Promise<Storage> {
  const storage = await made(name)
  await storage.init()
  return storage
}

async function made(name: keyof typeof urls): Promise<Storage> {
  const url = urls[name]()
  if (name === 'redis') {
    const client = new Redis(url)
    closers.push(() => client.quit())
    return new RedisStorage({ client })
  }
  if (name === 'mongo') {
    const connection = await createConnection(url).asPromise()
    closers.push(() => connection.close())
    return new MongooseStorage({ connection })
  }
  const storage = new SqliteStorage({ file: url.slice('sqlite:'.length), timeoutMs: 30_000 })
  closers.push(() => storage.close())
  return storage
}

async function inBatches<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += 50) {
    await Promise.all(items.slice(start, start + 50).map(work))
  }
}

async function refresh(server: AuthorizationServer, session: Session): Promise<void> {
  const answer = await server.tokens.refresh({ refreshToken: session.token, clientId: 'app' })
  session.spent = session.token
  session.token = answer.refresh_token ?? ''
}

const isRefused = { code: 'invalid_grant' }

/** What the service is in the beginning: sessions, every tenth of them ended, and all else that a storage keeps. */
async function populate(
  storage: Storage,
): Promise<{ sessions: Session[]; stones: string[]; secret: string }> {
  const server = serviceOn(storage)
  const sessions: Session[] = []
  await inBatches([...Array(GRANTS).keys()], async (index) => {
    const subject = `user-${index % SUBJECTS}`
    const tokens = await server.grants.issue({ clientId: 'app', subject })
    const { grantId = '' } = await server.tokens.verify(tokens.access_token)
    const ended = index % EVERY === 0
    sessions.push({ id: grantId, subject, token: tokens.refresh_token ?? '', ended })
  })
  await inBatches(sessions, async (session) => {
    if (session.ended) await server.grants.revoke(session.id)
    else if (Number(session.subject.slice('user-'.length)) % 3 === 0) await refresh(server, session)
  })
  const stones = [...Array(20).keys()].map(() => randomBytes(16).toString('base64url'))
  for (const id of stones) await server.grants.revoke(id)
  const { client_secret: secret = '' } = await server.clients.create({
    client_id: 'service',
    grant_types: ['client_credentials'],
    scope: 'read',
  })
  const later = Date.now() + 3_600_000
  for (const index of Array(30).keys()) {
    await storage.values.mark(`jti ${index}`, 'owner', later, Date.now())
    await storage.values.stash(`value ${index}`, `content ${index}`, later)
  }
  return { sessions, stones, secret }
}

async function expectGoesOn(
  storage: Storage,
  { sessions, stones, secret }: Awaited<ReturnType<typeof populate>>,
): Promise<void> {
  const server = serviceOn(storage)
  // Odd: every tenth session has ended, and the sample must not be made of those alone.
  const step = Math.floor(sessions.length / SAMPLES) | 1
  // Another sample at each call: so many of these have turned before in another storage, and others have not.
  const offset = Math.floor(Math.random() * step)
  const sample = sessions.filter((session, index) => !session.ended && index % step === offset)
  expect(sample.length).toBeGreaterThan(20)
  for (const session of sample) await refresh(server, session)
  const ended = sessions.filter((session, index) => session.ended && index % step < EVERY)
  expect(ended.length).toBeGreaterThan(20)
  for (const { token, id } of ended) {
    await expect(server.tokens.refresh({ refreshToken: token, clientId: 'app' })).rejects.toMatchObject(
      isRefused,
    )
    expect((await storage.grants.find(id))?.revoked?.reason).toBe('revoked')
  }
  for (const id of stones) {
    const { token: _, ...record } = { token: '', ...(await storage.grants.find(sample[0]?.id ?? '')) }
    expect(await storage.grants.create({ ...record, id, nonce: 'another' } as never)).toBe(false)
  }
  for (const subject of new Set(sample.map((session) => session.subject))) {
    const mine = sessions.filter((session) => session.subject === subject && !session.ended)
    const listed = await server.grants.list({ subject })
    expect(listed.map(({ id }) => id).toSorted()).toEqual(mine.map(({ id }) => id).toSorted())
  }
  for (const index of Array(30).keys()) {
    expect(await storage.values.mark(`jti ${index}`, 'thief', Date.now() + 1000, Date.now())).toBe(false)
    expect(await storage.values.peek(`value ${index}`, Date.now())).toBe(`content ${index}`)
  }
  const answer = await server.endpoints.token({
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`service:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    query: '',
    body: Buffer.from('grant_type=client_credentials'),
  })
  expect(answer.status).toBe(200)
}

test(
  'SQLite to Redis to MongoDB and back: every session goes on, nothing revoked revives, the counts are equal',
  async () => {
    const everything = await populate(await opened('sqlite'))
    const revoked = everything.sessions.filter(({ ended }) => ended).length
    const counts = {
      live: GRANTS - revoked,
      codes: 0,
      revoked,
      tombstones: 20,
      clients: 1,
      marks: 30,
      values: 30,
    }
    const route = ROUTE
    for (const [index, to] of route.slice(1).entries()) {
      const from = route[index] ?? 'sqlite'
      const ran = await runBin(['copy', '--from', urls[from](), '--to', urls[to](), '--json'])
      if (ran.code !== 0) throw new Error(ran.stderr)
      expect(ran.json()).toMatchObject({ copied: counts, expired: 0, damaged: [] })
      if (GRANTS > 1000) process.stderr.write(`${from} to ${to}: ${String(ran.json()['seconds'])} s\n`)
      await expectGoesOn(await opened(to), everything)
    }
    // The last sample's spent tokens: reuse is known as before, in the storage that the tokens were not issued from.
    const last = serviceOn(await opened('back'))
    const session = everything.sessions.find(({ spent, ended }) => spent !== undefined && !ended)
    await expect(
      last.tokens.refresh({ refreshToken: session?.spent ?? '', clientId: 'app' }),
    ).rejects.toMatchObject(isRefused)
    await expect(
      last.tokens.refresh({ refreshToken: session?.token ?? '', clientId: 'app' }),
    ).rejects.toMatchObject(isRefused)
  },
  120_000 + GRANTS * 20,
)
