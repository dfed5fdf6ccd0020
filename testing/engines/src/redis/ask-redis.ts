import { Redis } from 'ioredis'

export interface RedisVersion {
  readonly name: 'Redis' | 'Valkey'
  readonly version: string
}

/** One command on a connection of its own. */
export async function askRedis(url: string, command: string, ...args: (string | number)[]): Promise<unknown> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // The promise of the command says it too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await client.call(command, ...args)
  } finally {
    // Of a connection that never was, the client would wait two seconds for the end.
    if (client.status !== 'end') client.disconnect()
  }
}

/** A section of INFO as a map. */
export async function redisInfo(url: string, section: string): Promise<ReadonlyMap<string, string>> {
  const text = String(await askRedis(url, 'INFO', section))
  return new Map(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
}

/** Valkey still says which Redis it is like; its own version stands beside it. */
export async function redisVersion(url: string): Promise<RedisVersion> {
  const info = await redisInfo(url, 'server')
  const valkey = info.get('valkey_version')
  return valkey === undefined
    ? { name: 'Redis', version: info.get('redis_version') ?? 'unknown' }
    : { name: 'Valkey', version: valkey }
}
