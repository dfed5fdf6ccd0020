import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'
import { describeStorage } from '@oauth-ratchet/storage-contract'
import { Redis } from 'ioredis'

import { RedisHarness } from './fixtures/redis-harness.js'

jest.mock('ioredis', () => jest.requireActual<object>('ioredis5'))

let url = ''

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

it('these tests run on the line before', () => {
  expect(Redis).toBe(jest.requireActual<{ Redis: unknown }>('ioredis5').Redis)
})

describeStorage(
  'RedisStorage on ioredis 5',
  new RedisHarness(() => ({ kind: 'single', url, options: { enableAutoPipelining: true } }), {
    thorough: false,
  }),
)
