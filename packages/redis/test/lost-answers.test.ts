import {
  askRedis,
  containing,
  ENGINE_TIMEOUT_MS,
  startRedisServer,
  startTcpProxy,
  waitUntil,
} from '@oauth-ratchet/engines'
import type { RedisServer, TcpProxy } from '@oauth-ratchet/engines'

import { grantAmend, grantCreate, grantRevoke, grantTurn, valueMark } from '../src/scripts.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import type { Opened } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { TokenServer } from './fixtures/token-server.js'

// A connection that is cut between a request and its answer. The driver connects again and sends again.

let server: RedisServer
let proxy: TcpProxy
const opened = new OpenedStorages()

beforeAll(async () => {
  server = await startRedisServer()
  proxy = await startTcpProxy(server)
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  opened.close()
  await proxy.stop()
  await server.stop()
})

/** Through the proxy, with every script loaded, so that a script is one request with its hash in it. */
async function open(options: Parameters<OpenedStorages['open']>[1] = {}): Promise<Opened> {
  const through = await opened.open(`redis://${proxy.host}:${proxy.port}`, options)
  const { grants, values } = through.storage
  const record = sampleGrant()
  await grants.create(record)
  await grants.turn(record.id, ...turnOf(record))
  await grants.amend(record.id, 0, { now: Date.now() })
  await grants.revoke(record.id, 'revoked', Date.now(), { keepUntil: Date.now() + DAY_MS, by: randomId() })
  await values.mark('warm', 'owner', Date.now() + DAY_MS, Date.now())
  return through
}

describe('an answer that is lost', () => {
  it('of a turn: it is run again, changes nothing more, and is known as its own', async () => {
    const { storage } = await open()
    const record = sampleGrant()
    await storage.grants.create(record)
    const [expected, next] = turnOf(record)
    const cut = proxy.cutAfterRequest({ when: containing(grantTurn.sha) })
    const { turned, grant } = await storage.grants.turn(record.id, expected, next)
    expect(cut.hits()).toBe(1)
    expect(turned).toBe(false)
    expect(grant).toMatchObject({ nonce: next.nonce, previousNonce: record.nonce, generation: 2 })
  })

  it('of a turn: the client of the server gets its 200, and nothing is taken for reuse', async () => {
    const { storage } = await open()
    const at = new TokenServer(storage)
    const token = await at.signIn()
    const cut = proxy.cutAfterRequest({ when: containing(grantTurn.sha) })
    const next = await at.turned(token)
    expect(cut.hits()).toBe(1)
    await at.turned(next)
    expect(at.reuses).toEqual([])
  })

  it('of a turn, with a driver that does not send again: the core looks, and the client gets its 200', async () => {
    const { storage } = await open({ autoResendUnfulfilledCommands: false })
    const at = new TokenServer(storage, { storageTimeout: 1 })
    const token = await at.signIn()
    const cut = proxy.cutAfterRequest({ when: containing(grantTurn.sha) })
    const next = await at.turned(token)
    expect(cut.hits()).toBe(1)
    await at.turned(next)
    expect(at.reuses).toEqual([])
  })

  it('of a turn, with a driver that gives up at once: a 503, and the retry gets the same successor', async () => {
    const { storage, client } = await open({ maxRetriesPerRequest: 0, retryStrategy: () => 200 })
    const at = new TokenServer(storage)
    const token = await at.signIn()
    const cut = proxy.cutAfterRequest({ when: containing(grantTurn.sha) })
    expect(await at.refresh(token, 'key-1')).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
    expect(cut.hits()).toBe(1)
    await waitUntil('the client is connected again', () => client.status === 'ready')
    const { status, refreshToken = '' } = await at.refresh(token, 'key-1')
    expect(status).toBe(200)
    await at.turned(refreshToken)
    expect(at.reuses).toEqual([])
  })

  it('of many turns at once, some answered and some not: each token turns once', async () => {
    const { storage } = await open({ enableAutoPipelining: true })
    const at = new TokenServer(storage)
    const tokens = await Promise.all(Array.from({ length: 40 }, () => at.signIn()))
    const cut = proxy.cutAfterRequest({ when: containing(grantTurn.sha), times: 2 })
    const nexts = await Promise.all(tokens.map((token) => at.turned(token)))
    expect(cut.hits()).toBeGreaterThan(0)
    cut.disarm()
    await Promise.all(nexts.map((token) => at.turned(token)))
    expect(at.reuses).toEqual([])
  })

  it('of a creation, a revocation, an amendment, a mark: the second run answers as the first', async () => {
    const { grants, values } = (await open()).storage
    const record = sampleGrant()
    const now = Date.now()
    const cuts = [grantCreate, grantAmend, grantRevoke, valueMark].map(({ sha }) =>
      proxy.cutAfterRequest({ when: containing(sha) }),
    )
    expect(await grants.create(record)).toBe(true)
    const { grant } = await grants.amend(record.id, 0, { now, facts: 'amended' })
    expect(grant).toMatchObject({ facts: 'amended', revision: 1 })
    const by = randomId()
    const { ended, before } = await grants.revoke(record.id, 'revoked', now, { keepUntil: now + DAY_MS, by })
    expect(ended).toBe(true)
    expect(before?.revoked?.by).toBe(by)
    const owner = randomId()
    expect(await values.mark(randomId(), owner, now + DAY_MS, now)).toBe(true)
    expect(cuts.map((cut) => cut.hits())).toEqual([1, 1, 1, 1])
  })

  it(
    'is never taken for a refusal, when the second run is refused',
    async () => {
      const own = await startRedisServer()
      const between = await startTcpProxy(own)
      try {
        const { storage, client } = await opened.open(`redis://${between.host}:${between.port}`)
        const record = sampleGrant()
        await storage.grants.create(record)
        const first = await storage.grants.turn(record.id, ...turnOf(record))
        const [expected, next] = turnOf(first.grant ?? record)
        const cut = between.cutAfterRequest({ when: containing(grantTurn.sha) })
        const turning = storage.grants.turn(record.id, expected, next)
        const told = expect(turning).rejects.toMatchObject({ name: 'StorageError', outcome: 'unknown' })
        await cut.struck
        await between.refuse()
        await askRedis(own.url, 'REPLICAOF', '127.0.0.1', '1')
        await between.accept()
        await told
        await askRedis(own.url, 'REPLICAOF', 'NO', 'ONE')
        await waitUntil('the client is connected', () => client.status === 'ready')
        expect((await storage.grants.find(record.id))?.nonce).toBe(next.nonce)
      } finally {
        await between.stop()
        await own.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )
})

describe('a request that is lost', () => {
  it('is sent again and turns, once', async () => {
    const { storage } = await open()
    const record = sampleGrant()
    await storage.grants.create(record)
    const cut = proxy.cutBeforeRequest({ when: containing(grantTurn.sha) })
    const { turned, grant } = await storage.grants.turn(record.id, ...turnOf(record))
    expect(cut.hits()).toBe(1)
    expect(turned).toBe(true)
    expect(grant?.generation).toBe(2)
  })
})

describe('while the connection is down', () => {
  it(
    'every call is refused at once, nothing of it is sent later, and the same token works afterwards',
    async () => {
      const { storage, client } = await open({ maxRetriesPerRequest: null, retryStrategy: () => 20 })
      const at = new TokenServer(storage)
      const token = await at.signIn()
      const record = sampleGrant()
      await storage.grants.create(record)
      await proxy.refuse()
      await waitUntil('the client has noticed', () => client.status !== 'ready')
      const calls: (() => Promise<unknown>)[] = [
        () => storage.grants.turn(record.id, ...turnOf(record)),
        () => storage.grants.find(record.id),
        () => storage.grants.create(sampleGrant()),
        () => storage.grants.listBySubject([record.subjectHash], { now: Date.now() }, { limit: 10 }),
        () => storage.grants.scan({ limit: 10 }),
        () => storage.values.mark('key', 'owner', Date.now() + DAY_MS, Date.now()),
        () => storage.clients.find('client'),
        () => storage.ping(),
      ]
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ name: 'StorageError', outcome: 'not_applied' })
      }
      expect(await at.refresh(token)).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
      await proxy.accept()
      await waitUntil('the client is connected again', () => client.status === 'ready')
      expect((await storage.grants.find(record.id))?.generation).toBe(1)
      await at.turned(token)
    },
    ENGINE_TIMEOUT_MS,
  )
})
