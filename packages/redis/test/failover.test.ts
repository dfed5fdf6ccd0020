import {
  ENGINE_TIMEOUT_MS,
  startRedisFailoverPair,
  startRedisServer,
  waitUntil,
} from '@oauth-ratchet/engines'
import type { RedisFailoverPair } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import { sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { Storm } from './fixtures/storm.js'
import { TokenServer } from './fixtures/token-server.js'

const SESSIONS = 20

let pair: RedisFailoverPair
const opened = new OpenedStorages()

beforeEach(async () => {
  pair = await startRedisFailoverPair()
}, ENGINE_TIMEOUT_MS)

afterEach(() => pair.stop())
afterAll(() => opened.close())

describe('a failover to a replica that lags behind', () => {
  it(
    'loses every session that was refreshed meanwhile; with acceptAhead it loses none',
    async () => {
      const LAG = 3
      const { storage, client } = await opened.open(pair.url)
      const before = new TokenServer(storage)
      const resting = await before.signIns(SESSIONS)
      let tokens = await before.signIns(SESSIONS)
      await pair.letReplicaCatchUp()
      pair.holdBackReplica()
      for (let turn = 0; turn < LAG; turn += 1) {
        tokens = await Promise.all(tokens.map((token) => before.turned(token)))
      }
      await pair.primary.kill()
      await pair.promote()
      await waitUntil('the client is connected to the new primary', () => client.status === 'ready')

      // Refused as unknown, which ends nothing: so the same tokens can be shown to each of the servers in turn.
      const lost: Record<string, number> = {}
      for (const acceptAhead of [0, LAG - 1, LAG]) {
        const at = new TokenServer(storage, { refreshToken: { acceptAhead } })
        const answers = await Promise.all(tokens.map((token) => at.refresh(token)))
        lost[`acceptAhead ${acceptAhead}`] = answers.filter(({ error }) => error === 'invalid_grant').length
        expect(at.reuses).toEqual([])
      }
      expect(lost).toEqual({
        'acceptAhead 0': SESSIONS,
        [`acceptAhead ${LAG - 1}`]: SESSIONS,
        [`acceptAhead ${LAG}`]: 0,
      })
      await Promise.all(resting.map((token) => before.turned(token)))
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'in a storm of refreshes: no token turns twice, an outage is a 503, and with acceptAhead no session is lost',
    async () => {
      const { storage, client } = await opened.open(pair.url, { retryStrategy: () => 50 })
      const at = new TokenServer(storage, { refreshToken: { acceptAhead: 100 } })
      const storm = new Storm(at, await at.signIns(SESSIONS))
      // A session that the replica has never heard of is lost whatever is accepted.
      await pair.letReplicaCatchUp()
      const report = await storm.during(async () => {
        await storm.untilTurned(10 * SESSIONS)
        await pair.primary.kill()
        await storm.untilRefused(SESSIONS)
        await pair.promote()
        await waitUntil('the client is connected to the new primary', () => client.status === 'ready')
        await storm.untilTurned(storm.turns + 10 * SESSIONS)
      })
      expect(report).toEqual({ forked: [], refusals: [503], lost: 0, reuses: 0 })
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'keeps a plain client that is still connected to the old primary from judging by what is out of date',
    async () => {
      const { client, storage } = await opened.open(pair.primary.url)
      const at = new TokenServer(storage)
      const [resting, spent] = [await at.signIn(), await at.signIn('alice')]
      const token = await at.turned(spent)
      const [grant] = await at.server.grants.list({ subject: 'alice' })
      const record = await storage.grants.find(grant?.id ?? '')
      await client.replicaof(pair.replica.host, pair.replica.port)
      for (const presented of [resting, token, spent]) {
        expect(await at.refresh(presented)).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
      }
      await expect(at.server.grants.list({ subject: 'alice' })).rejects.toMatchObject({ status: 503 })
      // What the newest token of somebody who is served by the new primary would be met with.
      const ahead = turnOf({ ...(record ?? sampleGrant()), generation: 9 })
      await expect(storage.grants.turn(record?.id ?? '', ...ahead)).rejects.toMatchObject({
        outcome: 'not_applied',
      })
      expect(at.reuses).toEqual([])
    },
    ENGINE_TIMEOUT_MS,
  )
})

describe('a server that writes every command to its disk', () => {
  it(
    'is killed in a storm of refreshes and started again: no answered turn is lost',
    async () => {
      const server = await startRedisServer({ persistence: 'aof-always' })
      try {
        const { storage, client } = await opened.open(server.url, { retryStrategy: () => 50 })
        const at = new TokenServer(storage)
        const storm = new Storm(at, await at.signIns(SESSIONS))
        const report = await storm.during(async () => {
          await storm.untilTurned(10 * SESSIONS)
          await server.kill()
          await storm.untilRefused(SESSIONS)
          await server.restart()
          await waitUntil('the client is connected again', () => client.status === 'ready')
          await storm.untilTurned(storm.turns + 5 * SESSIONS)
        })
        expect(report).toEqual({ forked: [], refusals: [503], lost: 0, reuses: 0 })
      } finally {
        await server.stop()
      }
    },
    ENGINE_TIMEOUT_MS,
  )
})
