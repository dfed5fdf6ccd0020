import { ENGINE_TIMEOUT_MS, redisInfo, startRedisServer } from '@oauth-ratchet/engines'
import type { RedisServer } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import { storedKeys } from './fixtures/stored-keys.js'
import { TokenServer } from './fixtures/token-server.js'

let server: RedisServer
const opened = new OpenedStorages()

beforeAll(async () => {
  server = await startRedisServer()
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  opened.close()
  await server.stop()
})

/** What the server has run so far, but for what these tests ask it. */
async function commandCounts(): Promise<Record<string, number>> {
  const stats = await redisInfo(server.url, 'commandstats')
  const counts = [...stats].map(([name, text]): [string, number] => [
    name.replace('cmdstat_', ''),
    Number(/calls=(\d+)/.exec(text)?.[1]),
  ])
  return Object.fromEntries(counts.filter(([name]) => !/^(?:hello|client|info|command|ping)/.test(name)))
}

/** Which commands the server has run during the work, and how often. */
async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await commandCounts()
  await work()
  const after = await commandCounts()
  const differences = Object.entries(after).map(([name, count]): [string, number] => [
    name,
    count - (before[name] ?? 0),
  ])
  return Object.fromEntries(differences.filter(([, count]) => count > 0))
}

describe('figures', () => {
  it.each([false, true])(
    'one round trip per refresh, counted at the server (automatic pipelines: %p)',
    async (enableAutoPipelining) => {
      const { storage } = await opened.open(server.url, { enableAutoPipelining })
      const at = new TokenServer(storage)
      let token = await at.turned(await at.signIn())
      const commands = await commandsOf(async () => {
        for (let turn = 0; turn < 100; turn += 1) token = await at.turned(token)
      })
      // GETEX and SET are what the script itself does.
      expect(commands).toEqual({ evalsha: 100, getex: 100, set: 100 })
    },
  )

  it('one round trip to look at a grant', async () => {
    const { storage } = await opened.open(server.url)
    const at = new TokenServer(storage)
    const { access_token: token } = await at.server.grants.issue({ clientId: 'spa', subject: 'alice' })
    expect(await commandsOf(() => at.server.tokens.verify(token))).toEqual({ getex: 1 })
  })

  it('a grant takes as much memory after 1,000 refreshes as after 1, and less than 400 bytes', async () => {
    const { client, prefix, storage } = await opened.open(server.url)
    const at = new TokenServer(storage)
    let token = await at.turned(await at.signIn())
    const keys = await storedKeys(client, prefix)
    const usage = () => Promise.all(keys.map((key) => client.memory('USAGE', key)))
    const afterOne = await usage()
    for (let turn = 1; turn < 1000; turn += 1) token = await at.turned(token)
    expect(await storedKeys(client, prefix)).toEqual(keys)
    expect(await usage()).toEqual(afterOne)
    expect(keys).toHaveLength(2)
    expect(afterOne[0]).toBeLessThan(400)
  })
})
