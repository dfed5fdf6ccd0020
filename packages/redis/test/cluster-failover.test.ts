import { askRedis, ENGINE_TIMEOUT_MS, startRedisCluster } from '@oauth-ratchet/engines'
import type { RedisCluster } from '@oauth-ratchet/engines'

import { untilReplicasAreKnown } from './fixtures/known-replicas.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import { sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { Storm } from './fixtures/storm.js'
import { TokenServer } from './fixtures/token-server.js'

const SESSIONS = 24

let cluster: RedisCluster
const opened = new OpenedStorages()

beforeAll(async () => {
  cluster = await startRedisCluster()
  await untilReplicasAreKnown(cluster)
}, ENGINE_TIMEOUT_MS)

// Here and not in the test: one that waits for a frozen server does not come to its end.
afterEach(() => {
  for (const server of cluster.servers) server.thaw()
})

afterAll(async () => {
  opened.close()
  await cluster.stop()
})

describe('a cluster', () => {
  it(
    'is read on its primaries, whatever the client prefers and however far its replicas lag',
    async () => {
      const { client, storage } = await opened.openCluster(cluster.nodes, { scaleReads: 'slave' })
      expect(client.nodes('slave')).toHaveLength(3)
      const replicas = cluster.servers.slice(3)
      for (const replica of replicas) replica.freeze()
      const { grants, values, clients } = storage
      for (let round = 0; round < 10; round += 1) {
        const record = sampleGrant()
        const now = Date.now()
        await grants.create(record)
        const { grant } = await grants.turn(record.id, ...turnOf(record))
        expect(await grants.find(record.id)).toEqual(grant)
        const listed = await grants.listBySubject([record.subjectHash], { now }, { limit: 10 })
        expect(listed.grants).toEqual([grant])
        await values.mark(record.id, 'owner', now + 60_000, now)
        expect(await values.isMarked(record.id, now)).toBe(true)
        await values.stash(record.id, 'value', now + 60_000)
        expect(await values.peek(record.id, now)).toBe('value')
        await clients.save({ id: record.id, revision: 0, data: '{}' }, null)
        expect(await clients.find(record.id)).toMatchObject({ data: '{}' })
      }
      expect((await clients.list({ limit: 100 })).clients).toHaveLength(10)
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'loses a primary in a storm of refreshes: no token turns twice, nobody is told invalid_grant',
    async () => {
      const { client, storage } = await opened.openCluster(cluster.nodes)
      const at = new TokenServer(storage, { refreshToken: { acceptAhead: 100 } })
      const storm = new Storm(at, await at.signIns(SESSIONS))
      const { cursor = '' } = await storage.grants.scan({ limit: 1 })
      // A session that the replica has never heard of is lost whatever is accepted.
      for (const primary of client.nodes('master')) expect(await primary.wait(1, 20_000)).toBe(1)
      const report = await storm.during(async () => {
        await storm.untilTurned(5 * SESSIONS)
        // The driver tries again for some two seconds: a replica that takes over sooner leaves nobody refused.
        await letReplicasTakeOver(false)
        await cluster.servers[0]?.kill()
        await storm.untilRefused(1)
        await letReplicasTakeOver(true)
        await cluster.waitUntilOk()
        await storm.untilTurned(storm.turns + 20 * SESSIONS)
      })
      expect(report).toEqual({ forked: [], refusals: [503], lost: 0, reuses: 0 })
      // A walk over all grants that had begun before says so, rather than leave out what the new primary has.
      await expect(storage.grants.scan({ cursor, limit: 1 })).rejects.toThrow('begin it anew')
    },
    ENGINE_TIMEOUT_MS,
  )
})

async function letReplicasTakeOver(mayTakeOver: boolean): Promise<void> {
  const isForbidden = mayTakeOver ? 'no' : 'yes'
  const replicas = cluster.servers.slice(3)
  await Promise.all(
    replicas.map(({ url }) => askRedis(url, 'CONFIG', 'SET', 'cluster-replica-no-failover', isForbidden)),
  )
}
