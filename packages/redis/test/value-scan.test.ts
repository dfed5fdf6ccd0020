import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterAll(() => opened.close())

test('a scan of marks and values passes over keys of others that look like ours', async () => {
  const { client, prefix, storage } = await opened.open(url)
  const now = Date.now()
  await storage.values.mark('mine', 'owner', now + 60_000, now)
  await client.zadd(`${prefix}m:sorted-set`, 0, 'member')
  await client.set(`${prefix}v:text`, 'of somebody else')
  await client.hset(`${prefix}v:hash`, 'field', 'value')

  const found = []
  let cursor: string | undefined
  do {
    const page = await storage.values.scan(cursor === undefined ? { limit: 100 } : { limit: 100, cursor })
    found.push(...page.values)
    cursor = page.cursor
  } while (cursor !== undefined)

  expect(found).toEqual([{ kind: 'mark', key: 'mine', owner: 'owner', expiresAt: now + 60_000 }])
})

test('an ended grant that is created enters no index: its subject has none', async () => {
  const { client, prefix, storage } = await opened.open(url)
  const now = Date.now()
  const created = await storage.grants.create({
    id: 'A'.repeat(22),
    clientId: 'client',
    subjectHash: 'subject',
    generation: 3,
    nonce: 'nonce',
    accessNonce: 'access',
    createdAt: now,
    turnedAt: now,
    idleLifetime: null,
    absoluteExpiresAt: now + 60_000,
    expiresAt: now + 60_000,
    revision: 0,
    revoked: { at: now, reason: 'revoked', by: 'somebody' },
    format: 1,
    facts: '',
  })

  expect(created).toBe(true)
  expect(await client.exists(`${prefix}s:{subject}`)).toBe(0)
})
