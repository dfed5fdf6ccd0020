// How grants and refreshes spread over the slots and nodes of a Redis Cluster: three primaries, each with a replica, that the
// tests' engines start. What is random spreads like a Poisson distribution; that is the measure here.
import { randomBytes } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import { createAuthorizationServer } from '@oauth-ratchet/core'
import { RedisStorage } from '@oauth-ratchet/redis'
import { startRedisCluster } from './engines/redis-cluster.mjs'
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
  scopes: ['notes:read'],
  clients: [
    {
      client_id: 'app',
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'notes:read',
    },
  ],
})
await server.ready()

const tokens = []
await inParallel(GRANTS, async (index) => {
  tokens[index] = (await server.grants.issue({ clientId: 'app', subject: `user-${index}` })).refresh_token
})
const primaries = client.nodes('master').map(({ options: { host, port } }) => new Redis({ host, port }))
const callsBefore = await Promise.all(primaries.map(scriptCalls))
const redirectsBefore = await redirects()
await inParallel(REFRESHES, async (index) => {
  const refreshToken = tokens[index % GRANTS]
  tokens[index % GRANTS] = (await server.tokens.refresh({ clientId: 'app', refreshToken })).refresh_token
})
const calls = await Promise.all(primaries.map(scriptCalls))

const rows = []
const perSlot = []
for (const [index, node] of primaries.entries()) {
  const slots = await keysPerSlot(node)
  perSlot.push(...slots)
  rows.push([`primary ${index + 1}`, slots.length, await node.dbsize(), calls[index] - callsBefore[index]])
}
print(['', 'slots', 'keys', `scripts run for ${REFRESHES} refreshes`], rows)
const mean = perSlot.reduce((a, b) => a + b, 0) / perSlot.length
const deviation = Math.sqrt(perSlot.reduce((sum, n) => sum + (n - mean) ** 2, 0) / perSlot.length)
print(
  ['keys per slot', 'mean', 'least', 'most', 'standard deviation', 'of a random spread (√mean)'],
  [['', fixed(mean), Math.min(...perSlot), Math.max(...perSlot), fixed(deviation), fixed(Math.sqrt(mean))]],
)
print(
  ['refused by the nodes while refreshing', 'count'],
  [
    ['calls that touch two slots (CROSSSLOT)', (await redirects()).CROSSSLOT],
    ['calls sent to a wrong node (MOVED)', (await redirects()).MOVED - redirectsBefore.MOVED],
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

async function scriptCalls(node) {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await node.info('commandstats'))?.[1] ?? 0)
}

async function redirects() {
  const texts = await Promise.all(primaries.map((node) => node.info('errorstats')))
  const sum = (name) =>
    texts.reduce(
      (total, text) => total + Number(new RegExp(`errorstat_${name}:count=(\\d+)`).exec(text)?.[1] ?? 0),
      0,
    )
  return { MOVED: sum('MOVED'), CROSSSLOT: sum('CROSSSLOT') }
}

/** Of the slots that the node serves. */
async function keysPerSlot(node) {
  const me = await node.cluster('MYID')
  const mine = (await node.cluster('SLOTS')).filter(([, , [, , id]]) => id === me)
  const slots = mine.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
  const pipeline = node.pipeline()
  for (const slot of slots) pipeline.cluster('COUNTKEYSINSLOT', slot)
  return (await pipeline.exec()).map(([, count]) => count)
}

function print(head, lines) {
  process.stdout.write(`${markdownTable(head, lines)}\n\n`)
}

function fixed(value) {
  return value.toFixed(2)
}
