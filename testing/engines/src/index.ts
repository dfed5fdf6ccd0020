export type { MongoEngine, RedisEngine } from './engines.js'
export { describeWithMongod, type DescribeWithMongodOptions } from './describe-with-mongod.js'
export { freePort } from './free-port.js'
export { installWithApt, systemProbes, type SystemProbes } from './install-with-apt.js'
export type { MongoMember, MongoReplicaSet } from './mongo/replica-set.js'
export { askRedis, redisInfo, type RedisVersion } from './redis/ask-redis.js'
export type { RedisCluster } from './redis/cluster.js'
export type { RedisFailoverPair } from './redis/failover-pair.js'
export type { RedisPersistence, RedisServer, RedisServerOptions } from './redis/redis-server.js'
export {
  ENGINE_TIMEOUT_MS,
  sharedMongo,
  sharedRedis,
  startMongo,
  startMongoReplicaSet,
  startRedisCluster,
  startRedisFailoverPair,
  startRedisServer,
} from './shared-engines.js'
export { runReadme } from './run-readme.js'
export { startExample, type RunningExample } from './start-example.js'
export { startStandIn, type StandIn, type StandInOptions } from './stand-in/server.js'
export {
  containing,
  startTcpProxy,
  type ArmedCut,
  type CutOptions,
  type TcpProxy,
  type TcpTarget,
} from './tcp-proxy.js'
export { waitUntil, type WaitOptions } from './wait-until.js'
