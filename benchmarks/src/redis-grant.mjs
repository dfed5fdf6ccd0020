// What one grant costs a Redis: memory after 1 and after 1,000 refreshes, and commands per refresh counted there.
import { RedisStorage } from '@oauth-ratchet/redis'
import { Redis } from 'ioredis'
import { startRedis } from './redis-server.mjs'
import { serverOn } from './server-on.mjs'

const redis = await startRedis()
const client = new Redis(redis.url)
const server = serverOn(new RedisStorage({ client, prefix: 'memory:' }))
await server.ready()

let { refresh_token: refreshToken } = await server.grants.issue({ clientId: 'app', subject: 'user-1' })
const [{ id }] = await server.grants.list({ subject: 'user-1' })
const [key] = (await client.keys('memory:*')).filter((name) => name.includes(id))

await refresh(1)
const afterOne = await client.memory('USAGE', key)
const before = await scriptCalls()
await refresh(999)
const calls = (await scriptCalls()) - before
const afterThousand = await client.memory('USAGE', key)

console.log('| figure | value |\n| --- | ---: |')
console.log(`| memory of a grant after 1 refresh, bytes | ${afterOne} |`)
console.log(`| memory of a grant after 1,000 refreshes, bytes | ${afterThousand} |`)
console.log(`| scripts run by the server per refresh | ${calls / 999} |`)
await server.close()
client.disconnect()
redis.stop()

async function refresh(times) {
  for (let i = 0; i < times; i++) {
    ;({ refresh_token: refreshToken } = await server.tokens.refresh({ clientId: 'app', refreshToken }))
  }
}

async function scriptCalls() {
  const statistics = await client.info('commandstats')
  return [...statistics.matchAll(/cmdstat_(?:evalsha|eval):calls=(\d+)/g)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  )
}
