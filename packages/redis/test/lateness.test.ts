import { EventEmitter, once } from 'node:events'

import { askRedis, ENGINE_TIMEOUT_MS, startRedisServer } from '@oauth-ratchet/engines'
import type { RedisServer } from '@oauth-ratchet/engines'

import { RedisStorage } from '../src/index.js'
import { indexAdd } from '../src/scripts.js'
import { driverOf } from '../src/redis-client.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import type { Opened } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { TokenServer } from './fixtures/token-server.js'

// A server that stands still under a call of several commands. What the storage would send after its time happens when
// the client has long been answered a 503, and has come again.

let server: RedisServer
const opened = new OpenedStorages()

beforeAll(async () => {
  server = await startRedisServer()
}, ENGINE_TIMEOUT_MS)

// Here and not in the tests: one that fails leaves it frozen.
afterEach(() => {
  server.thaw()
  jest.restoreAllMocks()
})

afterAll(async () => {
  opened.close()
  await server.stop()
})

const LATE = { name: 'StorageError', outcome: 'not_applied' }

/** The server answers the call's first command, but so much later. */
async function answeredAfter<Answer>(ms: number, call: () => Promise<Answer>): Promise<Answer> {
  server.freeze()
  const calling = call()
  const now = performance.now() + ms
  jest.spyOn(performance, 'now').mockReturnValue(now)
  server.thaw()
  try {
    return await calling
  } finally {
    jest.restoreAllMocks()
  }
}

describe('a call of several commands that has taken 1.5 s', () => {
  let at: Opened
  const record = sampleGrant()
  const reseal = { revision: 0, format: 1, facts: randomId(), subjectHash: randomId() }

  beforeEach(async () => {
    at = await opened.open(server.url)
    await at.storage.grants.create(record)
    const warm = sampleGrant()
    await at.storage.grants.create(warm)
    const [expected, next] = turnOf(warm)
    await at.storage.grants.turn(warm.id, expected, { ...next, reseal })
    await at.storage.grants.amend(warm.id, 1, { now: Date.now() })
  })

  it('creates no grant any more', async () => {
    const { grants } = at.storage
    const late = sampleGrant()
    await expect(answeredAfter(1500, () => grants.create(late))).rejects.toMatchObject(LATE)
    expect(await grants.find(late.id)).toBeUndefined()
    expect(await grants.create(late)).toBe(true)
  })

  it('turns nothing any more', async () => {
    const { grants } = at.storage
    const [expected, next] = turnOf(record)
    const turning = answeredAfter(1500, () => grants.turn(record.id, expected, { ...next, reseal }))
    await expect(turning).rejects.toMatchObject(LATE)
    expect(await grants.find(record.id)).toEqual(record)
  })

  it('amends nothing any more', async () => {
    const { grants } = at.storage
    const lifetimes = { idleLifetime: DAY_MS, absoluteExpiresAt: Date.now() + DAY_MS }
    const amending = answeredAfter(1500, () => grants.amend(record.id, 0, { now: Date.now(), lifetimes }))
    await expect(amending).rejects.toMatchObject(LATE)
    expect(await grants.find(record.id)).toEqual(record)
  })

  it('ends no grants of a subject any more', async () => {
    const { grants } = at.storage
    const now = Date.now()
    const filter = { at: now, reason: 'revoked', keepUntil: now + DAY_MS, by: randomId() } as const
    const ending = answeredAfter(1500, () =>
      grants.revokeBySubject([record.subjectHash], filter, { limit: 10 }),
    )
    await expect(ending).rejects.toMatchObject(LATE)
    expect(await grants.find(record.id)).toEqual(record)
  })

  it('does not send a script in full that the server did not know by its hash', async () => {
    const { grants } = at.storage
    await askRedis(server.url, 'SCRIPT', 'FLUSH')
    const turning = answeredAfter(1500, () => grants.turn(record.id, ...turnOf(record)))
    await expect(turning).rejects.toMatchObject(LATE)
    expect(await grants.find(record.id)).toEqual(record)
  })

  it('goes on a moment before', async () => {
    const { grants } = at.storage
    const [expected, next] = turnOf(record)
    const turning = answeredAfter(1400, () => grants.turn(record.id, expected, { ...next, reseal }))
    expect(await turning).toMatchObject({ turned: true, grant: { generation: 2 } })
  })
})

describe('timeoutMs', () => {
  it('is what the app says', async () => {
    const { client, prefix } = await opened.open(server.url)
    const { grants } = new RedisStorage({ client, prefix, timeoutMs: 1000 })
    const record = sampleGrant()
    await grants.create(record)
    const late = sampleGrant()
    await expect(answeredAfter(1000, () => grants.create(late))).rejects.toMatchObject(LATE)
    expect(await grants.find(late.id)).toBeUndefined()
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('is refused if it is %d', async (timeoutMs) => {
    const { client } = await opened.open(server.url)
    expect(() => new RedisStorage({ client, timeoutMs })).toThrow('`timeoutMs` is a whole number')
  })
})

describe('a refresh under an older secret whose index entry is answered too late', () => {
  const SECRETS = ['an old secret for these tests, long enough', 'a new secret for these tests, long enough']

  it('is a 503 that consumes nothing: the retry works, and nothing is taken for reuse', async () => {
    const { client, prefix } = await opened.open(server.url)
    const storage = new RedisStorage({ client, prefix, timeoutMs: 500 })
    const token = await new TokenServer(storage, { secrets: SECRETS.slice(0, 1) }).signIn()
    const at = new TokenServer(storage, { secrets: SECRETS.toReversed(), storageTimeout: 1 })

    const driver = driverOf(client)
    const evalsha = driver.evalshaBuffer.bind(driver)
    const stall = new EventEmitter()
    const over = once(stall, 'over')
    const answered: Promise<unknown>[] = []
    jest.spyOn(driver, 'evalshaBuffer').mockImplementation(async (sha, ...rest) => {
      const answer = evalsha(sha, ...rest)
      answered.push(answer)
      if (sha === indexAdd.sha) await over
      return answer
    })
    expect(await at.refresh(token)).toMatchObject({ status: 503 })
    stall.emit('over')
    await client.ping()
    expect(answered).toHaveLength(1)

    await at.turned(await at.turned(token))
    expect(at.reuses).toEqual([])
  })
})
