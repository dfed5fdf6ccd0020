import { Redis } from 'ioredis'
import {
  askRedis,
  containing,
  ENGINE_TIMEOUT_MS,
  sharedRedis,
  startRedisServer,
  startTcpProxy,
  waitUntil,
  type RedisEngine,
  type TcpProxy,
} from '../src/index.js'

describe('a TCP proxy in front of Redis', () => {
  let engine: RedisEngine
  let proxy: TcpProxy
  const clients: Redis[] = []
  let keys = 0

  const connect = async (): Promise<Redis> => {
    const client = new Redis(proxy.port, proxy.host, {
      lazyConnect: true,
      retryStrategy: () => null,
      enableReadyCheck: false,
    })
    client.on('error', () => undefined)
    clients.push(client)
    await client.connect()
    return client
  }
  const freshKey = (): string => {
    keys += 1
    return `tcp-proxy:${process.pid}:${keys}`
  }
  const stored = (key: string): Promise<unknown> => askRedis(engine.url, 'GET', key)

  beforeAll(async () => {
    engine = await sharedRedis()
  }, ENGINE_TIMEOUT_MS)

  beforeEach(async () => {
    const { hostname, port } = new URL(engine.url)
    proxy = await startTcpProxy({ host: hostname, port: Number(port) })
  })

  afterEach(async () => {
    // Of a connection that has ended, ioredis would wait two seconds for the end.
    for (const client of clients.splice(0)) if (client.status !== 'end') client.disconnect()
    await proxy.stop()
  })

  it('passes everything on', async () => {
    const client = await connect()
    const key = freshKey()
    const big = 'x'.repeat(1_000_000)
    await client.set(key, big)
    expect(await client.get(key)).toBe(big)
    await client.del(key)
    expect(proxy.connections()).toBe(1)
  })

  it('loses the answer of the request that is meant, after it was carried out', async () => {
    const client = await connect()
    const key = freshKey()
    const cut = proxy.cutAfterRequest({ when: containing('incr') })
    await client.set(key, '5')
    expect(cut.hits()).toBe(0)
    await expect(client.incr(key)).rejects.toThrow('Connection is closed')
    await cut.struck
    expect(cut.hits()).toBe(1)
    expect(await stored(key)).toBe('6')
    const next = await connect()
    expect(await next.incr(key)).toBe(7)
    expect(cut.hits()).toBe(1)
  })

  it('carries out what was sent before on the same connection too', async () => {
    const client = await connect()
    const key = freshKey()
    proxy.cutAfterRequest({ when: containing('incrby') })
    const answers = await Promise.allSettled([
      client.set(key, '1'),
      client.append(key, '0'),
      client.incrby(key, 5),
    ])
    expect(answers.at(-1)).toMatchObject({ status: 'rejected' })
    await waitUntil('all three are done', async () => (await stored(key)) === '15')
  })

  it('cuts before a request as often as told', async () => {
    const key = freshKey()
    const cut = proxy.cutBeforeRequest({ when: containing('incr'), times: 2 })
    for (const _ of [1, 2]) await expect((await connect()).incr(key)).rejects.toThrow('Connection is closed')
    expect(cut.hits()).toBe(2)
    expect(await stored(key)).toBeNull()
    expect(await (await connect()).incr(key)).toBe(1)
  })

  it('does nothing more once it is disarmed', async () => {
    const client = await connect()
    const cut = proxy.cutBeforeRequest()
    cut.disarm()
    expect(await client.ping()).toBe('PONG')
    expect(cut.hits()).toBe(0)
  })

  it('holds everything back while it pauses, and then lets it go', async () => {
    const client = await connect()
    const key = freshKey()
    proxy.pause()
    let answered = false
    const answer = client.incr(key).then((value) => {
      answered = true
      return value
    })
    // A round trip past the proxy: long enough for an answer that was not held back.
    await askRedis(engine.url, 'PING')
    expect(answered).toBe(false)
    expect(await stored(key)).toBeNull()
    proxy.resume()
    expect(await answer).toBe(1)
  })

  it('refuses connections until it accepts them again', async () => {
    const client = await connect()
    await proxy.refuse()
    await expect(client.ping()).rejects.toThrow('Connection is closed')
    await expect(connect()).rejects.toThrow('Connection is closed')
    await proxy.accept()
    expect(await (await connect()).ping()).toBe('PONG')
  })

  it('leads new connections somewhere else', async () => {
    const other = await startRedisServer()
    try {
      const key = freshKey()
      await askRedis(other.url, 'SET', key, 'there')
      proxy.retarget(other)
      expect(await (await connect()).get(key)).toBe('there')
    } finally {
      await other.stop()
    }
  })
})
