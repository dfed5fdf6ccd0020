import { ENGINE_TIMEOUT_MS, startRedisServer } from '@oauth-ratchet/engines'
import type { RedisServer } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import type { Opened } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant } from './fixtures/sample-grant.js'
import { CLIENT_ID, TokenServer } from './fixtures/token-server.js'

let server: RedisServer
const opened = new OpenedStorages()

beforeAll(async () => {
  server = await startRedisServer({ args: ['--maxmemory-policy', 'noeviction'] })
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  opened.close()
  await server.stop()
})

async function fill({ client }: Opened): Promise<void> {
  await client.config('SET', 'maxmemory', '1')
  await expect(client.set('filler', 'x')).rejects.toThrow(/^OOM/)
}

async function empty({ client }: Opened): Promise<void> {
  await client.config('SET', 'maxmemory', '0')
}

describe('a server whose memory is full and that evicts nothing', () => {
  it('takes no new grant: the sign-in is a StorageError, and leaves no trace', async () => {
    const at = await opened.open(server.url)
    const { grants } = at.storage
    const record = sampleGrant()
    await fill(at)
    await expect(grants.create(record)).rejects.toMatchObject({ outcome: 'not_applied' })
    await expect(
      at.storage.values.mark(randomId(), randomId(), Date.now() + DAY_MS, Date.now()),
    ).rejects.toMatchObject({ outcome: 'not_applied' })
    await expect(at.storage.values.stash('key', 'value', Date.now() + DAY_MS)).rejects.toMatchObject({
      outcome: 'not_applied',
    })
    await expect(
      at.storage.clients.save({ id: 'client', revision: 0, data: '{}' }, null),
    ).rejects.toMatchObject({ outcome: 'not_applied' })
    await empty(at)
    expect(await grants.find(record.id)).toBeUndefined()
    expect(await at.client.keys(`${at.prefix}*`)).toEqual([])
    expect(await grants.create(record)).toBe(true)
  })

  it('still turns, reads and ends the grants that are there: nobody is signed out, and a thief can be', async () => {
    const at = await opened.open(server.url)
    const tokens = new TokenServer(at.storage)
    const [kept, ended] = [await tokens.signIn(), await tokens.signIn('alice')]
    await fill(at)
    const next = await tokens.turned(kept)
    await expect(tokens.signIn()).rejects.toMatchObject({ status: 503 })
    // Everything is ended; what says so to logins from before has no room, and that is not passed over.
    await expect(tokens.server.grants.revokeAll({ subject: 'alice' })).rejects.toMatchObject({ status: 503 })
    expect(await tokens.refresh(ended)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await tokens.refresh(kept)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(tokens.reuses).toHaveLength(1)
    await empty(at)
    expect(await tokens.refresh(next)).toMatchObject({ status: 400, error: 'invalid_grant' })
    await tokens.turned(await tokens.signIn())
  })
})

describe('a primary that has too few replicas to write', () => {
  it('vouches for nobody: a read is a StorageError, and the same token works afterwards', async () => {
    const at = await opened.open(server.url)
    const tokens = new TokenServer(at.storage)
    const { access_token: accessToken, refresh_token: refreshToken = '' } = await tokens.server.grants.issue({
      clientId: CLIENT_ID,
      subject: 'alice',
      scope: 'notes:read',
    })
    await at.client.config('SET', 'min-replicas-to-write', '1')
    await expect(tokens.server.tokens.verify(accessToken)).rejects.toMatchObject({ status: 503 })
    // Redis before 7 lets scripts through.
    const { status, refreshToken: next = refreshToken } = await tokens.refresh(refreshToken)
    expect([200, 503]).toContain(status)
    await at.client.config('SET', 'min-replicas-to-write', '0')
    await tokens.turned(next)
  })
})
