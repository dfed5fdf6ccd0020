import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'
import { RedisStorage } from '@oauth-ratchet/redis'

import { OpenedStorages, randomPrefix } from './fixtures/opened-storages.js'
import { CLIENT_ID, TokenServer } from './fixtures/token-server.js'

const opened = new OpenedStorages()
afterAll(() => opened.close())

it.each(['end-oldest', 'end-least-recently-used', 'refuse'] as const)(
  'sixty sign-ins at once, over several connections, at a limit of fifty leave exactly fifty, or no more: %s',
  async (atLimit) => {
    const { url } = await sharedRedis()
    for (let round = 0; round < 2; round += 1) {
      const prefix = randomPrefix()
      const servers = await Promise.all(
        Array.from({ length: 6 }, async () => {
          const { client } = await opened.open(url, {}, prefix)
          // The limit is what is tested here, and not how long a busy machine takes for it.
          const storage = new RedisStorage({ client, prefix, timeoutMs: 60_000 })
          return new TokenServer(storage, { storageTimeout: 60, refreshToken: { atLimit } })
        }),
      )
      const answers = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) => servers[index % servers.length]?.signIn('alice')),
      )
      const [at] = servers
      expect(servers.flatMap(({ faults }) => faults)).toEqual([])
      const live = await at?.server.grants.list({ subject: 'alice', clientId: CLIENT_ID })
      const served = answers.filter(({ status }) => status === 'fulfilled').length
      expect(live).toHaveLength(atLimit === 'refuse' ? served : 50)
      expect(live?.length).toBeLessThanOrEqual(50)
      expect(served).toBeGreaterThan(25)
    }
  },
  ENGINE_TIMEOUT_MS,
)
