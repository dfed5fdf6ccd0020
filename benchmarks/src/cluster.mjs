// What grants and refreshes do to a Redis Cluster: how they spread over its slots and nodes, and what each of them costs it.
// The cluster is that of the tests: three primaries, each with a replica. What is random spreads as a Poisson distribution.
import { randomBytes } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import { createAuthorizationServer } from '@oauth-ratchet/core'
import { RedisStorage } from '@oauth-ratchet/redis'
import { startRedisCluster } from './engines/redis-cluster.mjs'
import { differenceOf, keysPerSlot, statisticsOf } from './measure/cluster-statistics.mjs'
import { markdownTable } from './report/markdown-table.mjs'

const GRANTS = Number(process.env.GRANTS ?? 60_000)
const REFRESHES = Number(process.env.REFRESHES ?? 60_000)
const AT_ONCE = 128

const cluster = await startRedisCluster()
const client = new Cluster([...cluster.nodes])
const server = createAuthorizationServer({
  issuer: 'http://127.0.0.1',
  secrets: [randomBytes(48)],
  storage: new RedisStorage({ client }),
  scopes: ['notes:read', 'notes:write'],
  clients: [
    {
      client_id: 'app',
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'notes:read notes:write',
    },
  ],
})
await server.ready()
const primaries = client.nodes('master').map(({ options: { host, port } }) => new Redis({ host, port }))

const empty = await Promise.all(primaries.map(statisticsOf))
const tokens = []
await inParallel(GRANTS, async (index) => {
  const { refresh_token } = await server.grants.issue({ clientId: 'app', subject: `user-${index}` })
  tokens[index] = refresh_token
})
const filled = await Promise.all(primaries.map(statisticsOf))
await inParallel(REFRESHES, async (index) => {
  const refreshToken = tokens[index % GRANTS]
  tokens[index % GRANTS] = (await server.tokens.refresh({ clientId: 'app', refreshToken })).refresh_token
})
const refreshed = await Promise.all(primaries.map(statisticsOf))
const slots = await Promise.all(primaries.map(keysPerSlot))

const whole = (value) => Math.round(value).toLocaleString('en-US')
print(
  ['', 'slots', 'keys', `scripts run for ${whole(REFRESHES)} refreshes`],
  primaries.map((_, index) => [
    `primary ${index + 1}`,
    whole(slots[index].length),
    whole(refreshed[index].keys),
    whole(refreshed[index].scripts - filled[index].scripts),
  ]),
)
const counts = slots.flat()
const mean = counts.reduce((a, b) => a + b, 0) / counts.length
const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length)
print(
  ['keys per slot', 'mean', 'least', 'most', 'standard deviation', 'of a random spread, √mean'],
  [
    [
      '',
      mean.toFixed(2),
      Math.min(...counts),
      Math.max(...counts),
      deviation.toFixed(2),
      Math.sqrt(mean).toFixed(2),
    ],
  ],
)
const signIn = differenceOf(filled, empty)
const refresh = differenceOf(refreshed, filled)
print(
  ['on all primaries, per', 'sign-in', 'refresh'],
  [
    ['scripts run', (signIn.scripts / GRANTS).toFixed(2), (refresh.scripts / REFRESHES).toFixed(2)],
    [
      'µs in a script',
      (signIn.scriptMicros / GRANTS).toFixed(1),
      (refresh.scriptMicros / REFRESHES).toFixed(1),
    ],
    [
      'µs of processor time, the network included',
      (signIn.cpuMicros / GRANTS).toFixed(1),
      (refresh.cpuMicros / REFRESHES).toFixed(1),
    ],
    ['bytes received', whole(signIn.bytesIn / GRANTS), whole(refresh.bytesIn / REFRESHES)],
    ['bytes to the replica', whole(signIn.replicated / GRANTS), whole(refresh.replicated / REFRESHES)],
    ['bytes of memory', whole(signIn.memory / GRANTS), whole(refresh.memory / REFRESHES)],
    ['calls refused: two slots (CROSSSLOT)', signIn.crossSlot, refresh.crossSlot],
    ['calls refused: another node (MOVED)', signIn.moved, refresh.moved],
  ],
)

await server.close()
for (const node of primaries) node.disconnect()
client.disconnect()
await cluster.stop()

async function inParallel(count, each) {
  let next = 0
  const worker = async () => {
    while (next < count) await each(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function print(head, rows) {
  process.stdout.write(`${markdownTable(head, rows)}\n\n`)
}
