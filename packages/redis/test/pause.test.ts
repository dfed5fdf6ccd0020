import { ENGINE_TIMEOUT_MS, startRedisServer } from '@oauth-ratchet/engines'
import type { RedisServer } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import { TokenServer } from './fixtures/token-server.js'

let server: RedisServer
const opened = new OpenedStorages()

beforeAll(async () => {
  server = await startRedisServer()
}, ENGINE_TIMEOUT_MS)

// Here and not in the tests: one that fails leaves it frozen.
afterEach(() => server.thaw())

afterAll(async () => {
  opened.close()
  await server.stop()
})

describe('a server that answers nothing for seconds', () => {
  it('is a 503 for everyone; afterwards a retry with its idempotency key gets the one successor', async () => {
    const { storage } = await opened.open(server.url)
    const at = new TokenServer(storage)
    const [token, other] = [await at.signIn(), await at.signIn()]
    server.freeze()
    const during = await Promise.all([at.refresh(token, 'key-1'), at.refresh(other, 'key-2')])
    server.thaw()
    expect(during).toMatchObject([{ status: 503 }, { status: 503 }])
    const first = await at.refresh(token, 'key-1')
    const second = await at.refresh(token, 'key-1')
    expect(first.status).toBe(200)
    expect(second.refreshToken).toBe(first.refreshToken)
    await at.turned(first.refreshToken ?? '')
    expect(at.reuses).toEqual([])
  })

  it('is a 503 for everyone; afterwards a retry within the grace works', async () => {
    const { storage } = await opened.open(server.url)
    const at = new TokenServer(storage, { refreshToken: { reuseGrace: 60 }, storageTimeout: 1 })
    const token = await at.signIn()
    server.freeze()
    expect(await at.refresh(token)).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
    server.thaw()
    await at.turned(await at.turned(token))
    expect(at.reuses).toEqual([])
  })

  it('is a 503 for a sign-in and a check of a token, and leaves nothing half done', async () => {
    const { storage } = await opened.open(server.url)
    const at = new TokenServer(storage, { storageTimeout: 1 })
    const { access_token: accessToken } = await at.server.grants.issue({ clientId: 'spa', subject: 'alice' })
    server.freeze()
    await expect(at.server.tokens.verify(accessToken)).rejects.toMatchObject({ status: 503 })
    await expect(at.signIn('alice')).rejects.toMatchObject({ status: 503 })
    server.thaw()
    expect(await at.server.tokens.verify(accessToken)).toMatchObject({ subject: 'alice' })
    expect(await at.server.grants.revokeAll({ subject: 'alice' })).toBeGreaterThan(0)
    expect(await at.server.grants.list({ subject: 'alice' })).toEqual([])
    await expect(at.server.tokens.verify(accessToken)).rejects.toMatchObject({ code: 'invalid_token' })
  })
})
