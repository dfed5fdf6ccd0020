import { ENGINE_TIMEOUT_MS, startRedisCluster } from '@oauth-ratchet/engines'
import type { RedisCluster } from '@oauth-ratchet/engines'
import { describeStorage } from '@oauth-ratchet/storage-contract'

import { RedisHarness } from './fixtures/redis-harness.js'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startRedisCluster()
}, ENGINE_TIMEOUT_MS)

afterAll(() => cluster.stop())

describeStorage(
  'RedisStorage on a cluster',
  new RedisHarness(() => ({ kind: 'cluster', nodes: cluster.nodes }), { thorough: false }),
)
