import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js'
import { waitUntil } from '../wait-until.js'
import { askRedis, redisInfo, type RedisVersion } from './ask-redis.js'
import { startRedisServer, type RedisServer, type RedisServerOptions } from './redis-server.js'

export interface RedisFailoverPair extends RedisVersion {
  /** Where the primary of the moment is reached, before and after {@link RedisFailoverPair.promote}. */
  readonly url: string
  readonly primary: RedisServer
  readonly replica: RedisServer
  /** The way that clients of {@link RedisFailoverPair.url} take. */
  readonly proxy: TcpProxy
  /** From now on the replica hears nothing of what is written. */
  readonly holdBackReplica: () => void
  readonly letReplicaCatchUp: () => Promise<void>
  /** Makes the replica the primary and leads the clients of `url` to it; their connections are cut. */
  readonly promote: () => Promise<void>
  readonly stop: () => Promise<void>
}

async function isCaughtUp(primary: RedisServer, replica: RedisServer): Promise<boolean> {
  const info = await redisInfo(replica.url, 'replication')
  const ahead = await redisInfo(primary.url, 'replication')
  return (
    info.get('master_link_status') === 'up' &&
    info.get('slave_repl_offset') === ahead.get('master_repl_offset')
  )
}

/** A primary and its replica, to kill the one and promote the other. */
export async function startRedisFailoverPair(
  options: RedisServerOptions & { readonly binary: string },
): Promise<RedisFailoverPair> {
  // Replication begins at once instead of waiting for more replicas to come.
  const args = ['--repl-diskless-sync-delay', '0', ...(options.args ?? [])]
  const [primary, replica] = await Promise.all([
    startRedisServer({ ...options, args }),
    startRedisServer({ ...options, args }),
  ])
  const replication = await startTcpProxy(primary)
  const proxy = await startTcpProxy(primary)
  await askRedis(replica.url, 'REPLICAOF', replication.host, replication.port)
  const caughtUp = (): Promise<void> =>
    waitUntil('the replica has everything', () => isCaughtUp(primary, replica))
  await caughtUp()
  return {
    name: primary.name,
    version: primary.version,
    url: `redis://${proxy.host}:${proxy.port}`,
    primary,
    replica,
    proxy,
    holdBackReplica: () => replication.pause(),
    letReplicaCatchUp: async () => {
      replication.resume()
      await caughtUp()
    },
    promote: async () => {
      // What the replica had not received dies with the connection, as it does with a real primary.
      await replication.stop()
      await askRedis(replica.url, 'REPLICAOF', 'NO', 'ONE')
      await waitUntil('the replica is the primary', async () => {
        return (await redisInfo(replica.url, 'replication')).get('role') === 'master'
      })
      proxy.retarget(replica)
      proxy.cutConnections()
    },
    stop: async () => {
      await Promise.all([proxy.stop(), replication.stop()])
      await Promise.all([primary.stop(), replica.stop()])
    },
  }
}
