import {
  askRedis,
  ENGINE_TIMEOUT_MS,
  sharedRedis,
  startRedisCluster,
  startRedisFailoverPair,
  startRedisServer,
} from '@oauth-ratchet/engines'
import { once } from 'node:events'

import { Redis } from 'ioredis'

import { RedisStorage } from '../src/index.js'
import type { RedisClient } from '../src/index.js'
import type { SingleTarget } from './fixtures/redis-target.js'
import { randomPrefix } from './fixtures/opened-storages.js'

let url = ''
const clients: Redis[] = []

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterAll(() => {
  for (const client of clients) client.disconnect()
})

function connect(target: string, options: NonNullable<SingleTarget['options']> = {}): Redis {
  const client = new Redis(target, options)
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

function init(client: RedisClient): Promise<void> {
  return new RedisStorage({ client, prefix: randomPrefix() }).init()
}

/** The codes of the warnings that the work raises. */
async function warningsOf(work: () => Promise<unknown>): Promise<unknown[]> {
  const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  try {
    await work()
    // Node and the driver may have something of their own to say.
    const codes = emit.mock.calls.map(([, options]) =>
      String((options as { code?: unknown } | undefined)?.code),
    )
    return codes.filter((code) => code.startsWith('OAUTH_RATCHET_'))
  } finally {
    emit.mockRestore()
  }
}

describe('the constructor', () => {
  it.each([undefined, {}, { status: 'ready' }])('refuses what is no client (%p)', (client) => {
    expect(() => new RedisStorage({ client: client as RedisClient })).toThrow(
      '`client` must be a Redis or a Cluster of ioredis 5 or 6',
    )
  })
})

describe('options that are misspelt', () => {
  const client = { status: 'ready', isCluster: false, evalsha: () => Promise.resolve() }

  it.each([
    [{ redis: client }, 'Did you mean "client"?'],
    [{ client, keyPrefix: 'a:' }, 'Did you mean "prefix"?'],
    [{ client, timeout: 5 }, 'Did you mean "timeoutMs"?'],
    [client, 'wants { client }, not the client itself'],
    [undefined, 'wants an object of options'],
  ])('are refused: %p', (options, hint) => {
    expect(() => Reflect.construct(RedisStorage, [options])).toThrow(TypeError)
    expect(() => Reflect.construct(RedisStorage, [options])).toThrow(hint)
  })
})

describe('init', () => {
  it('waits for a client that is connecting, and tells a lazy one to connect', async () => {
    await init(connect(url))
    const lazy = connect(url, { lazyConnect: true })
    await init(lazy)
    expect(lazy.status).toBe('ready')
  })

  it('does not wait for a client that has ended, or ends', async () => {
    const client = connect(url)
    await init(client)
    client.disconnect()
    await once(client, 'end')
    await expect(init(client)).rejects.toMatchObject({ name: 'StorageError', outcome: 'not_applied' })
    const nobody = connect('redis://127.0.0.1:1', { retryStrategy: () => null })
    await expect(init(nobody)).rejects.toThrow(
      'The Redis client has given up connecting: connect ECONNREFUSED 127.0.0.1:1',
    )
    await expect(init(nobody)).rejects.toThrow('The Redis client has ended: hand in one that is connected.')
  })

  it('leaves the client as it was: no listener of its own stays but one, and close() closes nothing', async () => {
    const client = connect(url)
    const storages = Array.from({ length: 8 }, () => new RedisStorage({ client, prefix: randomPrefix() }))
    await Promise.all(storages.map((storage) => storage.init()))
    for (const event of ['ready', 'end']) expect(client.listenerCount(event)).toBe(0)
    expect(client.listenerCount('close')).toBe(1)
    await Promise.all(storages.map((storage) => storage.close()))
    expect(await client.ping()).toBe('PONG')
  })

  it('refuses a client in subscriber mode, in monitor mode, or that only reads', async () => {
    const subscriber = connect(url, { protocol: 2 })
    await subscriber.subscribe('channel')
    await expect(init(subscriber)).rejects.toThrow('in subscriber mode')
    const monitor = await connect(url).monitor()
    clients.push(monitor)
    await expect(init(monitor)).rejects.toThrow('in monitor mode')
    await expect(init(connect(url, { readOnly: true }))).rejects.toThrow('`readOnly`')
  })

  it.each(['2.8.24', '5.0.14', '6.0.16', '6.1.99'])('refuses Redis %s as too old', async (version) => {
    const client = connect(url)
    await once(client, 'ready')
    jest.spyOn(client, 'info').mockResolvedValue(`# Server\r\nredis_version:${version}\r\n`)
    await expect(init(client)).rejects.toThrow(
      `This is Redis ${version}, and the storage needs 6.2 or later.`,
    )
  })

  it.each(['6.2.0', '7.0.15', '8.2.1', '10.0.0'])('takes Redis %s', async (version) => {
    const client = connect(url)
    await once(client, 'ready')
    jest.spyOn(client, 'info').mockResolvedValue(`# Server\r\nredis_version:${version}\r\n`)
    await expect(init(client)).resolves.toBeUndefined()
  })

  it(
    'refuses a replica',
    async () => {
      const pair = await startRedisFailoverPair()
      try {
        await expect(init(connect(pair.replica.url))).rejects.toThrow('connected to a replica')
        await expect(init(connect(pair.url))).resolves.toBeUndefined()
      } finally {
        await pair.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'refuses one node of a cluster without a Cluster',
    async () => {
      const cluster = await startRedisCluster()
      try {
        await expect(init(connect(cluster.servers[0]?.url ?? ''))).rejects.toThrow('hand in a `Cluster`')
      } finally {
        await cluster.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'warns of a server that may evict sessions and revocations, and of no other',
    async () => {
      const server = await startRedisServer()
      try {
        const client = connect(server.url)
        const set = async (memory: string, policy: string) => {
          await client.config('SET', 'maxmemory', memory)
          await client.config('SET', 'maxmemory-policy', policy)
        }
        for (const policy of ['allkeys-lru', 'volatile-ttl', 'volatile-lru', 'allkeys-random']) {
          await set('100mb', policy)
          expect(await warningsOf(() => init(client))).toEqual(['OAUTH_RATCHET_REDIS_EVICTION'])
        }
        await set('100mb', 'noeviction')
        expect(await warningsOf(() => init(client))).toEqual([])
        await set('0', 'allkeys-lru')
        expect(await warningsOf(() => init(client))).toEqual([])
      } finally {
        await server.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'takes a user who may not ask for INFO or CONFIG',
    async () => {
      const server = await startRedisServer()
      try {
        await askRedis(
          server.url,
          'ACL',
          'SETUSER',
          'app',
          'on',
          '>secret',
          '~oauth:*',
          '+@read',
          '+@write',
          '+@scripting',
          '+@connection',
          '-info',
        )
        const client = connect(server.url, { username: 'app', password: 'secret', enableReadyCheck: false })
        const storage = new RedisStorage({ client })
        await storage.init()
        await storage.values.stash('key', 'value', Date.now() + 60_000)
        expect(await storage.values.peek('key', Date.now())).toBe('value')
      } finally {
        await server.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )
})
