import { ENGINE_TIMEOUT_MS, sharedRedis, startRedisCluster } from '@oauth-ratchet/engines'
import type { RedisCluster } from '@oauth-ratchet/engines'
import { describeStorage } from '@oauth-ratchet/storage-contract'

import { untilReplicasAreKnown } from './fixtures/known-replicas.js'
import { RedisHarness } from './fixtures/redis-harness.js'

// The same contract, whatever the app has set its client to.

let url = ''
let cluster: RedisCluster

beforeAll(async () => {
  ;({ url } = await sharedRedis())
  cluster = await startRedisCluster()
  await untilReplicasAreKnown(cluster)
}, ENGINE_TIMEOUT_MS)

afterAll(() => cluster.stop())

describeStorage(
  'automatic pipelines, a key prefix, another database, numbers as strings',
  new RedisHarness(
    () => ({
      kind: 'single',
      url,
      options: { enableAutoPipelining: true, keyPrefix: 'app[1]*:', db: 3, stringNumbers: true },
    }),
    { thorough: false },
  ),
)

describeStorage(
  'automatic pipelines on a cluster whose reads go to replicas, and a key prefix',
  new RedisHarness(
    () => ({
      kind: 'cluster',
      nodes: cluster.nodes,
      options: { enableAutoPipelining: true, scaleReads: 'slave', keyPrefix: 'app:' },
    }),
    { thorough: false },
  ),
)
