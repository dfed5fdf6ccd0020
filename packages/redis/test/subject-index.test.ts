import { ENGINE_TIMEOUT_MS, sharedRedis, waitUntil } from '@oauth-ratchet/engines'
import type { GrantRecord } from '@oauth-ratchet/core'

import { OpenedStorages } from './fixtures/opened-storages.js'
import type { Opened } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterAll(() => opened.close())

/** How many entries the subject's index has. */
function entries({ client, prefix }: Opened, subjectHash: string): Promise<number> {
  return client.zcard(`${prefix}s:{${subjectHash}}`)
}

/** When a key expires, in ms since the epoch; undefined when it does not. */
async function expiryOf({ client }: Opened, key: string): Promise<number | undefined> {
  const left = await client.pttl(key)
  return left < 0 ? undefined : Date.now() + left
}

async function indexExpiry(at: Opened, subjectHash: string): Promise<number | undefined> {
  return expiryOf(at, `${at.prefix}s:{${subjectHash}}`)
}

/** The two clocks are read one after the other. */
function expectAbout(actual: number | undefined, expected: number): void {
  expect(Math.abs((actual ?? 0) - expected)).toBeLessThan(10_000)
}

const HOUR_MS = 3_600_000

/** Grants that the engine has removed already: they were made long ago, and expired just now. */
function longAgo(subjectHash: string, fields: Partial<GrantRecord> = {}): GrantRecord {
  const createdAt = Date.now() - DAY_MS
  return sampleGrant({ subjectHash, createdAt, turnedAt: createdAt, expiresAt: Date.now() - 1, ...fields })
}

describe('keys', () => {
  it('of a grant expire with it, and move with every turn', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    const record = sampleGrant({ expiresAt: Date.now() + HOUR_MS })
    const key = `${at.prefix}g:{${record.id}}`
    await grants.create(record)
    expectAbout(await expiryOf(at, key), record.expiresAt)
    const { grant } = await grants.turn(record.id, ...turnOf(record))
    expectAbout(await expiryOf(at, key), grant?.expiresAt ?? 0)
    const lifetimes = { idleLifetime: 2 * HOUR_MS, absoluteExpiresAt: null }
    await grants.amend(record.id, 0, { now: Date.now(), lifetimes })
    expectAbout(await expiryOf(at, key), Date.now() + 2 * HOUR_MS)
    const keepUntil = Date.now() + 3 * HOUR_MS
    await grants.revoke(record.id, 'revoked', Date.now(), { keepUntil, by: randomId() })
    expectAbout(await expiryOf(at, key), keepUntil)
  })

  it('of a tombstone, a mark and a value expire as they were told', async () => {
    const at = await opened.open(url)
    const id = randomId()
    const until = Date.now() + HOUR_MS
    await at.storage.grants.revoke(id, 'revoked', Date.now(), { keepUntil: until, by: randomId() })
    await at.storage.values.mark('key', 'owner', until, Date.now())
    await at.storage.values.stash('key', 'value', until)
    for (const key of [`g:{${id}}`, 'm:key', 'v:key']) {
      expectAbout(await expiryOf(at, at.prefix + key), until)
    }
  })

  it('are removed by the engine when their time has come', async () => {
    const at = await opened.open(url)
    const record = sampleGrant({ expiresAt: Date.now() + 50 })
    await at.storage.grants.create(record)
    await waitUntil('the grant is gone', async () => (await at.storage.grants.find(record.id)) === undefined)
  })
})

describe('the index of a subject', () => {
  it('lives as long as the longest absolute limit of its grants, and is never shortened', async () => {
    const at = await opened.open(url)
    const subjectHash = randomId()
    const now = Date.now()
    for (const [limit, expected] of [
      [10, 10],
      [30, 30],
      [20, 30],
    ] as const) {
      await at.storage.grants.create(sampleGrant({ subjectHash, absoluteExpiresAt: now + limit * DAY_MS }))
      expectAbout(await indexExpiry(at, subjectHash), now + expected * DAY_MS)
    }
  })

  it('does not expire once a grant has no absolute limit', async () => {
    const at = await opened.open(url)
    const subjectHash = randomId()
    const limits = [Date.now() + DAY_MS, null, Date.now() + DAY_MS]
    for (const absoluteExpiresAt of limits) {
      await at.storage.grants.create(sampleGrant({ subjectHash, absoluteExpiresAt }))
    }
    expect(await indexExpiry(at, subjectHash)).toBeUndefined()
  })

  it('lives longer when the limit of a grant is moved away', async () => {
    const at = await opened.open(url)
    const record = sampleGrant()
    await at.storage.grants.create(record)
    const absoluteExpiresAt = Date.now() + 300 * DAY_MS
    const lifetimes = { idleLifetime: DAY_MS, absoluteExpiresAt }
    await at.storage.grants.amend(record.id, 0, { now: Date.now(), lifetimes })
    expectAbout(await indexExpiry(at, record.subjectHash), absoluteExpiresAt)
  })

  it('loses a grant that is revoked', async () => {
    const at = await opened.open(url)
    const [one, other] = [sampleGrant(), sampleGrant()]
    const { subjectHash } = one
    await at.storage.grants.create(one)
    await at.storage.grants.create({ ...other, subjectHash })
    const options = { keepUntil: Date.now() + DAY_MS, by: randomId() }
    await at.storage.grants.revoke(one.id, 'revoked', Date.now(), options)
    expect(await entries(at, subjectHash)).toBe(1)
  })

  it('loses what it leads to no more when it is read', async () => {
    const at = await opened.open(url)
    const live = sampleGrant()
    const { subjectHash } = live
    for (let count = 0; count < 5; count += 1) await at.storage.grants.create(longAgo(subjectHash))
    await at.storage.grants.create(live)
    const { grants } = await at.storage.grants.listBySubject(
      [subjectHash],
      { now: Date.now() },
      { limit: 100 },
    )
    expect(grants.map(({ id }) => id)).toEqual([live.id])
    expect(await entries(at, subjectHash)).toBe(1)
  })

  it('keeps the entry of a grant that may be just on its way', async () => {
    const at = await opened.open(url)
    const record = sampleGrant({ expiresAt: Date.now() - 1 })
    await at.storage.grants.create(record)
    await at.storage.grants.listBySubject([record.subjectHash], { now: Date.now() }, { limit: 100 })
    expect(await entries(at, record.subjectHash)).toBe(1)
  })

  it('does not grow with grants that expire, though nobody reads it', async () => {
    const at = await opened.open(url)
    const subjectHash = randomId()
    for (let hours = 300; hours > 0; hours -= 1) {
      const createdAt = Date.now() - hours * HOUR_MS
      await at.storage.grants.create(longAgo(subjectHash, { createdAt }))
    }
    await waitUntil('the housekeeping is done', async () => (await entries(at, subjectHash)) < 30)
  })

  it('does not grow with grants that are ended together', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    const subjectHash = randomId()
    for (let count = 0; count < 10; count += 1) await grants.create(sampleGrant({ subjectHash }))
    const end = (by: string) =>
      grants.revokeBySubject(
        [subjectHash],
        { at: Date.now(), reason: 'revoked', keepUntil: Date.now() + DAY_MS, by },
        { limit: 100 },
      )
    expect((await end(randomId())).grants).toHaveLength(10)
    expect((await end(randomId())).grants).toEqual([])
    expect(await entries(at, subjectHash)).toBe(0)
  })

  it('leads a walk to a grant that is just being created: it does not come to be', async () => {
    const at = await opened.open(url)
    const record = sampleGrant()
    const { subjectHash } = record
    // As far as a creation has come between its two writes.
    await at.storage.grants.create({ ...record, expiresAt: Date.now() - 1 })
    const filter = {
      at: Date.now(),
      reason: 'revoked',
      keepUntil: Date.now() + DAY_MS,
      by: randomId(),
    } as const
    const { grants } = await at.storage.grants.revokeBySubject([subjectHash], filter, { limit: 10 })
    expect(grants).toEqual([])
    expect(await at.storage.grants.create(record)).toBe(false)
    expect((await at.storage.grants.find(record.id))?.revoked?.by).toBe(filter.by)
    expect(await entries(at, subjectHash)).toBe(0)
  })

  it('has an entry under the new hash before a grant is sealed anew under it', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    const record = sampleGrant()
    await grants.create(record)
    const [expected, next] = turnOf(record)
    const reseal = { revision: 0, format: 1, facts: 'anew', subjectHash: randomId() }
    // Refused: the entry is there all the same, and the listing looks at the grant.
    await grants.turn(record.id, { ...expected, nonce: 'another' }, { ...next, reseal })
    expect(await entries(at, reseal.subjectHash)).toBe(1)
    const listed = await grants.listBySubject([reseal.subjectHash], { now: Date.now() }, { limit: 10 })
    expect(listed.grants).toEqual([])
    expectAbout(await indexExpiry(at, reseal.subjectHash), record.absoluteExpiresAt ?? 0)
  })
})
