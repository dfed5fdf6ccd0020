import { askKeeper, type Answers } from './ask-keeper.js'
import type { MongoEngine, RedisEngine } from './engines.js'
import { startMongoReplicaSet as startReplicaSet, type MongoReplicaSet } from './mongo/replica-set.js'
import { startRedisCluster as startCluster, type RedisCluster } from './redis/cluster.js'
import { startRedisFailoverPair as startPair, type RedisFailoverPair } from './redis/failover-pair.js'
import {
  startRedisServer as startServer,
  type RedisServer,
  type RedisServerOptions,
} from './redis/redis-server.js'

import { startStandIn } from './stand-in/server.js'

/** How long a `beforeAll` may have to wait for an engine: the first download of a mongod takes its time. */
export const ENGINE_TIMEOUT_MS = 600_000

const asked: { [P in keyof Answers]?: Promise<Answers[P]> } = {}

// Each question takes a process, and the answer stays the same for the whole run.
async function keeperAnswer<P extends keyof Answers>(path: P): Promise<Answers[P]> {
  const answer: Promise<Answers[P]> = asked[path] ?? askKeeper(path)
  Object.assign(asked, { [path]: answer })
  return answer
}

/** The Redis of this run, started when it is first asked for. It is stopped when the run ends, not by you. */
export async function sharedRedis(): Promise<RedisEngine> {
  return keeperAnswer('/redis')
}

/** The MongoDB of this run or its stand-in, started when it is first asked for. It is stopped when the run ends. */
export async function sharedMongo(): Promise<MongoEngine> {
  return keeperAnswer('/mongo')
}

async function withBinary<O extends RedisServerOptions>(
  options: O,
): Promise<O & { readonly binary: string }> {
  return { ...options, binary: options.binary ?? (await keeperAnswer('/redis-binary')) }
}

/** A Redis server for one test file: to kill, pause, restart or fill. Stop it in `afterAll`. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  return startServer(await withBinary(options))
}

/** A primary and its replica for one test file. Stop them in `afterAll`. */
export async function startRedisFailoverPair(options: RedisServerOptions = {}): Promise<RedisFailoverPair> {
  return startPair(await withBinary(options))
}

/** Three primaries with a replica each, for one test file. Stop them in `afterAll`. */
export async function startRedisCluster(options: RedisServerOptions = {}): Promise<RedisCluster> {
  return startCluster(await withBinary(options))
}

/**
 * A MongoDB or stand-in for one test file: for tests that arm fail points, which hit everybody on a server. Where
 * `MONGODB_URL` names the only server there is, it is that one. Stop it in `afterAll`.
 */
export async function startMongo(): Promise<MongoEngine & { readonly stop: () => Promise<void> }> {
  const engine = await sharedMongo()
  if (engine.kind === 'stand-in') {
    const { url, stop } = await startStandIn()
    return { ...engine, url, stop }
  }
  if (engine.binary === undefined) return { ...engine, stop: () => Promise.resolve() }
  const set = await startReplicaSet({ binary: engine.binary, version: engine.version, members: 1 })
  return { ...engine, url: set.url, stop: set.stop }
}

/** Three real `mongod` for one test file, inside a `describeWithMongod(…, { own: true })`. Stop them in `afterAll`. */
export async function startMongoReplicaSet(
  options: { readonly members?: number; readonly args?: readonly string[] } = {},
): Promise<MongoReplicaSet> {
  const engine = await sharedMongo()
  if (engine.kind !== 'mongod' || engine.binary === undefined)
    throw new Error('there is no mongod program for a replica set of our own')
  return startReplicaSet({ ...options, binary: engine.binary, version: engine.version })
}
