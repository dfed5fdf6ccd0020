import { ENGINE_TIMEOUT_MS, startRedisCluster } from '@oauth-ratchet/engines'
import type { RedisCluster } from '@oauth-ratchet/engines'
import { describeStorage } from '@oauth-ratchet/storage-contract'
import { Cluster } from 'ioredis'

import { untilReplicasAreKnown } from './fixtures/known-replicas.js'
import { RedisHarness } from './fixtures/redis-harness.js'
import type { ClusterTarget } from './fixtures/redis-target.js'

jest.mock('ioredis', () => jest.requireActual<object>('ioredis5'))

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startRedisCluster()
  await untilReplicasAreKnown(cluster)
}, ENGINE_TIMEOUT_MS)

afterAll(() => cluster.stop())

it('these tests run on the line before', () => {
  expect(Cluster).toBe(jest.requireActual<{ Cluster: unknown }>('ioredis5').Cluster)
})

// Before 5.11 an automatic pipeline takes scripts for nodes that differ, and then refuses to send any of them.
const OPTIONS: readonly NonNullable<ClusterTarget['options']>[] = [
  { enableAutoPipelining: true },
  { enableAutoPipelining: true, scaleReads: 'slave' },
]

for (const options of OPTIONS) {
  describeStorage(
    `RedisStorage on a cluster with ioredis 5 and ${JSON.stringify(options)}`,
    new RedisHarness(() => ({ kind: 'cluster', nodes: cluster.nodes, options }), { thorough: false }),
  )
}
