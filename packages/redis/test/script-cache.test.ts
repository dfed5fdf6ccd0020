import {
  askRedis,
  ENGINE_TIMEOUT_MS,
  redisInfo,
  startRedisCluster,
  startRedisServer,
} from '@oauth-ratchet/engines'
import type { RedisCluster, RedisServer } from '@oauth-ratchet/engines'

import type { ClusterTarget } from './fixtures/redis-target.js'
import { untilReplicasAreKnown } from './fixtures/known-replicas.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import { sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { TokenServer } from './fixtures/token-server.js'

let server: RedisServer
let cluster: RedisCluster
const opened = new OpenedStorages()

beforeAll(async () => {
  server = await startRedisServer()
  cluster = await startRedisCluster()
  await untilReplicasAreKnown(cluster)
}, ENGINE_TIMEOUT_MS)

// Here and not in the tests: one that fails leaves it frozen.
afterEach(() => server.thaw())

afterAll(async () => {
  opened.close()
  await server.stop()
  await cluster.stop()
})

async function callsOf(command: string): Promise<number> {
  const stats = await redisInfo(server.url, 'commandstats')
  return Number(/calls=(\d+)/.exec(stats.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0)
}

describe('the script cache', () => {
  it('is flushed: the script is sent in full once, and by its hash again afterwards', async () => {
    const { storage } = await opened.open(server.url)
    const record = sampleGrant()
    await storage.grants.create(record)
    let { grant = record } = await storage.grants.turn(record.id, ...turnOf(record))
    await askRedis(server.url, 'SCRIPT', 'FLUSH')
    const before = { eval: await callsOf('eval'), evalsha: await callsOf('evalsha') }
    for (let turn = 0; turn < 5; turn += 1) {
      const result = await storage.grants.turn(record.id, ...turnOf(grant))
      expect(result.turned).toBe(true)
      grant = result.grant ?? grant
    }
    expect((await callsOf('eval')) - before.eval).toBe(1)
    expect((await callsOf('evalsha')) - before.evalsha).toBe(5)
  })

  it('is flushed in the middle of a storm: every refresh is answered, and none is run twice', async () => {
    const { storage } = await opened.open(server.url, { enableAutoPipelining: true })
    const at = new TokenServer(storage)
    const tokens = await Promise.all(Array.from({ length: 30 }, () => at.signIn()))
    const storm = new AbortController()
    const flusher = (async () => {
      while (!storm.signal.aborted) await askRedis(server.url, 'SCRIPT', 'FLUSH')
    })()
    await Promise.all(
      tokens.map(async (token) => {
        let current = token
        for (let turn = 0; turn < 10; turn += 1) current = await at.turned(current)
      }),
    )
    storm.abort()
    await flusher
    expect(at.reuses).toEqual([])
  })

  const CLUSTER_OPTIONS: ClusterTarget['options'][] = [
    {},
    { enableAutoPipelining: true },
    { enableAutoPipelining: true, scaleReads: 'all' },
  ]
  it.each(CLUSTER_OPTIONS)(
    'is flushed on one node of a cluster: grants on every node turn (%j)',
    async (options) => {
      const { storage } = await opened.openCluster(cluster.nodes, options)
      const at = new TokenServer(storage)
      const tokens = await Promise.all(Array.from({ length: 30 }, () => at.signIn()))
      const nexts = await Promise.all(tokens.map((token) => at.turned(token)))
      await askRedis(cluster.servers[1]?.url ?? '', 'SCRIPT', 'FLUSH')
      await Promise.all(nexts.map((token) => at.turned(token)))
      expect(at.faults).toEqual([])
    },
  )

  it('has nothing to do with a command that timed out: that is never run a second time', async () => {
    const { storage } = await opened.open(server.url, { commandTimeout: 1000 })
    const record = sampleGrant()
    await storage.grants.create(record)
    const { grant = record } = await storage.grants.turn(record.id, ...turnOf(record))
    const before = { eval: await callsOf('eval'), evalsha: await callsOf('evalsha') }
    server.freeze()
    const turning = storage.grants.turn(record.id, ...turnOf(grant))
    await expect(turning).rejects.toMatchObject({ name: 'StorageError', outcome: 'unknown' })
    server.thaw()
    expect((await storage.grants.find(record.id))?.generation).toBe(3)
    expect((await callsOf('eval')) - before.eval).toBe(0)
    expect((await callsOf('evalsha')) - before.evalsha).toBe(1)
  })
})
