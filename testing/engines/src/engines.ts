import { redisVersion } from './redis/ask-redis.js'
import { findRedisServer } from './redis/redis-binary.js'
import { startRedisServer } from './redis/redis-server.js'
import { chooseMongo, type MongoChoice } from './mongo/choose-mongo.js'

/** The Redis of the run. Keep to keys with a prefix of your own: others use it at the same time. */
export interface RedisEngine {
  readonly name: 'Redis' | 'Valkey'
  readonly version: string
  readonly url: string
}

/** The MongoDB of the run, or what stands in for it. Keep to a database of your own. */
export type MongoEngine =
  | {
      readonly kind: 'mongod'
      readonly version: string
      readonly url: string
      readonly replicaSet: { readonly name: string; readonly members: number } | undefined
      /** The program, for a set of your own; undefined where `MONGODB_URL` names a server that somebody else runs. */
      readonly binary: string | undefined
    }
  | {
      readonly kind: 'stand-in'
      readonly version: string
      readonly url: string
      readonly replicaSet: { readonly name: string; readonly members: number }
      /** Why there is no real one. */
      readonly why: string
    }

export interface Engines {
  readonly redis: () => Promise<RedisEngine>
  readonly redisBinary: () => Promise<string>
  readonly mongo: () => Promise<MongoEngine>
  readonly stop: () => Promise<void>
}

type Stop = () => Promise<void>

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

async function startMongo(choice: MongoChoice, stops: Stop[]): Promise<MongoEngine> {
  // Loaded here so that a run without MongoDB does not wait for it.
  const { mongoHello } = await import('./mongo/hello.js')
  if (choice.kind === 'url') {
    const { version, setName, members } = await mongoHello(choice.url)
    const replicaSet = setName === undefined ? undefined : { name: setName, members }
    return { kind: 'mongod', version, url: choice.url, replicaSet, binary: undefined }
  }
  if (choice.kind === 'binary') {
    const { startMongoReplicaSet } = await import('./mongo/replica-set.js')
    const set = await startMongoReplicaSet({ binary: choice.path, version: choice.version, members: 1 })
    stops.push(set.stop)
    const replicaSet = { name: set.name, members: 1 }
    return { kind: 'mongod', version: choice.version, url: set.url, replicaSet, binary: choice.path }
  }
  const { startStandIn } = await import('./stand-in/server.js')
  const standIn = await startStandIn()
  stops.push(standIn.stop)
  const { setName = '', members } = await mongoHello(standIn.url)
  return {
    kind: 'stand-in',
    version: standIn.version,
    url: standIn.url,
    replicaSet: { name: setName, members },
    why: choice.why,
  }
}

function mongoLine(engine: MongoEngine, choice: MongoChoice): string {
  if (engine.kind === 'stand-in')
    return `engines: no MongoDB to be had (${engine.why}); a stand-in of our own speaks its protocol, ${engine.version}`
  const from = choice.kind === 'binary' ? `${choice.from}, ${choice.path}` : 'MONGODB_URL'
  const set = engine.replicaSet
  const topology = set ? `replica set of ${set.members}` : 'standalone'
  return `engines: MongoDB ${engine.version}, ${topology} (${from})`
}

/** Each engine is started when it is first asked for, and once. `say` gets a line for each. */
export function createEngines(say: (line: string) => void): Engines {
  const stops: Stop[] = []
  const redisBinary = once(async () => findRedisServer())
  const redis = once(async (): Promise<RedisEngine> => {
    const external = process.env['REDIS_URL']
    if (external) {
      const { name, version } = await redisVersion(external)
      say(`engines: ${name} ${version} (REDIS_URL)`)
      return { name, version, url: external }
    }
    const binary = await redisBinary()
    const { name, version, url, stop } = await startRedisServer({ binary })
    stops.push(stop)
    say(`engines: ${name} ${version} (${binary})`)
    return { name, version, url }
  })
  const mongo = once(async (): Promise<MongoEngine> => {
    const { systemProbes } = await import('./mongo/system-probes.js')
    const choice = await chooseMongo(systemProbes)
    const engine = await startMongo(choice, stops)
    say(mongoLine(engine, choice))
    return engine
  })
  return {
    redis,
    redisBinary,
    mongo,
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}
