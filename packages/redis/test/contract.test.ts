import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'
import { describeStorage } from '@oauth-ratchet/storage-contract'

import { RedisHarness } from './fixtures/redis-harness.js'

let url = ''

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

describeStorage('RedisStorage', new RedisHarness(() => ({ kind: 'single', url })))
