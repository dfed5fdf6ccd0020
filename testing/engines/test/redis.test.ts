import { existsSync } from 'node:fs'
import { Cluster } from 'ioredis'
import {
  askRedis,
  ENGINE_TIMEOUT_MS,
  redisInfo,
  sharedRedis,
  startRedisCluster,
  startRedisFailoverPair,
  startRedisServer,
  type RedisCluster,
  type RedisServer,
} from '../src/index.js'
import { askKeeper } from '../src/ask-keeper.js'

describe('the Redis of the run', () => {
  it(
    'is one and the same for everybody who asks',
    async () => {
      const [first, other] = await Promise.all([sharedRedis(), askKeeper('/redis')])
      expect(other).toEqual(first)
      expect(first.version).toMatch(/^\d+\.\d+/)
      expect(await askRedis(first.url, 'PING')).toBe('PONG')
    },
    ENGINE_TIMEOUT_MS,
  )
})

describe('a Redis server of its own', () => {
  let server: RedisServer

  afterEach(async () => {
    await server.stop()
  })

  it(
    'has what it had written down when it comes back from being killed',
    async () => {
      server = await startRedisServer({ persistence: 'aof-always' })
      await askRedis(server.url, 'SET', 'kept', 'yes')
      const before = server.pid()
      await server.kill()
      await expect(askRedis(server.url, 'PING')).rejects.toThrow('Connection is closed')
      await server.restart()
      expect(server.pid()).not.toBe(before)
      expect(await askRedis(server.url, 'GET', 'kept')).toBe('yes')
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'without persistence has nothing left',
    async () => {
      server = await startRedisServer()
      await askRedis(server.url, 'SET', 'lost', 'yes')
      await server.kill()
      await server.restart()
      expect(await askRedis(server.url, 'GET', 'lost')).toBeNull()
    },
    ENGINE_TIMEOUT_MS,
  )

  it('takes more of a command line', async () => {
    server = await startRedisServer({ args: ['--maxmemory', '8mb', '--maxmemory-policy', 'noeviction'] })
    const memory = await redisInfo(server.url, 'memory')
    expect(memory.get('maxmemory')).toBe(String(8 * 1024 * 1024))
    expect(memory.get('maxmemory_policy')).toBe('noeviction')
  })

  it('answers late when it was paused', async () => {
    server = await startRedisServer()
    const before = performance.now()
    const pause = server.pause(300)
    const answer = await askRedis(server.url, 'PING')
    const waited = performance.now() - before
    await pause
    expect(answer).toBe('PONG')
    expect(waited).toBeGreaterThan(290)
  })

  it('is gone with its data when it is stopped, even while it is frozen', async () => {
    server = await startRedisServer({ persistence: 'aof-everysec' })
    const directory = String((await configOf(server, 'dir'))[1])
    expect(existsSync(directory)).toBe(true)
    server.freeze()
    await server.stop()
    expect(existsSync(directory)).toBe(false)
    await expect(askRedis(server.url, 'PING')).rejects.toThrow('Connection is closed')
  })
})

async function configOf(server: RedisServer, name: string): Promise<unknown[]> {
  const answer = await askRedis(server.url, 'CONFIG', 'GET', name)
  return Array.isArray(answer) ? answer : []
}

describe('a primary and its replica', () => {
  it(
    'keeps what was replicated, and loses what was held back, when the primary is killed',
    async () => {
      const pair = await startRedisFailoverPair()
      try {
        await askRedis(pair.url, 'SET', 'told', 'yes')
        await pair.letReplicaCatchUp()
        pair.holdBackReplica()
        await askRedis(pair.url, 'SET', 'untold', 'yes')
        expect(await askRedis(pair.url, 'GET', 'untold')).toBe('yes')
        await pair.primary.kill('SIGKILL')
        await expect(askRedis(pair.url, 'PING')).rejects.toThrow('Connection is closed')
        await pair.promote()
        expect(await askRedis(pair.url, 'GET', 'told')).toBe('yes')
        expect(await askRedis(pair.url, 'GET', 'untold')).toBeNull()
        expect(await askRedis(pair.url, 'SET', 'more', 'yes')).toBe('OK')
      } finally {
        await pair.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'lets the replica catch up on what was held back',
    async () => {
      const pair = await startRedisFailoverPair()
      try {
        pair.holdBackReplica()
        await askRedis(pair.url, 'SET', 'late', 'yes')
        expect(await askRedis(pair.replica.url, 'GET', 'late')).toBeNull()
        await pair.letReplicaCatchUp()
        expect(await askRedis(pair.replica.url, 'GET', 'late')).toBe('yes')
      } finally {
        await pair.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )
})

describe('a cluster', () => {
  let cluster: RedisCluster
  let client: Cluster

  beforeAll(async () => {
    cluster = await startRedisCluster()
    client = new Cluster([...cluster.nodes], { clusterRetryStrategy: () => 100, retryDelayOnFailover: 100 })
    client.on('error', () => undefined)
  }, ENGINE_TIMEOUT_MS)

  afterAll(async () => {
    client.disconnect()
    await cluster.stop()
  })

  it('has three primaries with a replica each, which share the slots', async () => {
    expect(cluster.nodes).toHaveLength(6)
    for (const { url } of cluster.servers) {
      const info = String(await askRedis(url, 'CLUSTER', 'INFO'))
      expect(info).toContain('cluster_state:ok')
      expect(info).toContain('cluster_size:3')
    }
    const owners = await Promise.all(['a', 'b', 'c'].map((key) => cluster.primaryOf(key)))
    expect(new Set(owners.map(({ port }) => port)).size).toBe(3)
    await Promise.all(['a', 'b', 'c'].map((key) => client.set(key, key)))
    expect(await Promise.all(['a', 'b', 'c'].map((key) => client.get(key)))).toEqual(['a', 'b', 'c'])
  })

  it(
    'a replica takes over by itself when its primary is killed',
    async () => {
      await client.set('{slot}:kept', 'yes')
      await client.call('WAIT', ['1', '5000'])
      const before = await cluster.primaryOf('{slot}:kept')
      await askRedis(before.url, 'WAIT', 1, 5000)
      await before.kill()
      const after = await cluster.primaryOf('{slot}:kept')
      expect(after.port).not.toBe(before.port)
      expect(await client.get('{slot}:kept')).toBe('yes')
      expect(await client.set('{slot}:kept', 'again')).toBe('OK')
      await before.restart()
      await cluster.waitUntilOk()
      expect(await cluster.primaryOf('{slot}:kept')).toBe(after)
    },
    ENGINE_TIMEOUT_MS,
  )
})
