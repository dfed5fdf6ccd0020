import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { OpenedStorages, randomPrefix } from './fixtures/opened-storages.js'
import { CLIENT_ID, TokenServer } from './fixtures/token-server.js'

const opened = new OpenedStorages()
afterAll(() => opened.close())

it(
  'sixty sign-ins at once, over several connections, at a limit of fifty leave exactly fifty',
  async () => {
    const { url } = await sharedRedis()
    for (let round = 0; round < 10; round += 1) {
      const prefix = randomPrefix()
      const servers = await Promise.all(
        Array.from({ length: 6 }, async () => new TokenServer((await opened.open(url, {}, prefix)).storage)),
      )
      await Promise.all(
        Array.from({ length: 60 }, (_, index) => servers[index % servers.length]?.signIn('alice')),
      )
      const [at] = servers
      expect(await at?.server.grants.list({ subject: 'alice', clientId: CLIENT_ID })).toHaveLength(50)
      expect(at?.faults).toEqual([])
    }
  },
  ENGINE_TIMEOUT_MS,
)
