import type { GrantRecord } from '@oauth-ratchet/core'
import { ENGINE_TIMEOUT_MS, redisInfo, startRedisServer } from '@oauth-ratchet/engines'
import type { RedisServer } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { storedKeys } from './fixtures/stored-keys.js'
import { CLIENT_ID, TokenServer } from './fixtures/token-server.js'

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

  it('a sign-in reads the live grants of its client, whatever else the subject has', async () => {
    const { storage } = await opened.open(server.url)
    const { grants } = storage
    const subjectHash = randomId()
    const now = Date.now()
    const ofSubject = (count: number, fields: Partial<GrantRecord>) =>
      Array.from({ length: count }, () => sampleGrant({ subjectHash, clientId: CLIENT_ID, ...fields }))
    const live = ofSubject(3, {})
    const ended = ofSubject(15, {})
    const others = [...ofSubject(30, { generation: 0 }), ...ofSubject(30, { clientId: 'another' })]
    const endedTogether = ofSubject(15, { sessionHash: 'session' })
    for (const record of [...live, ...ended, ...others, ...endedTogether]) await grants.create(record)
    const options = { keepUntil: now + DAY_MS, by: randomId() }
    for (const { id } of ended) await grants.revoke(id, 'revoked', now, options)
    const filter = { at: now, reason: 'revoked', sessionHash: 'session', ...options } as const
    await grants.revokeBySubject([subjectHash], filter, { limit: 200 })
    const commands = await commandsOf(() =>
      grants.listBySubject([subjectHash], { now, clientId: CLIENT_ID }, { limit: 100 }),
    )
    // The range is read once, within the one script; the index is not changed.
    expect(commands).toEqual({ evalsha: 1, zremrangebyrank: 1, zrangebylex: 1, getex: 3 })
  })

  it('one more read and one more script to redeem a code, whose entry is written first', async () => {
    const { storage } = await opened.open(server.url)
    const code = sampleGrant({ generation: 0 })
    await storage.grants.create(code)
    const commands = await commandsOf(() => storage.grants.turn(code.id, ...turnOf(code)))
    expect(commands).toMatchObject({ evalsha: 2, getex: 2, zadd: 1, set: 1 })
  })

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
