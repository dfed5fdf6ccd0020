import { ENGINE_TIMEOUT_MS, sharedRedis, waitUntil } from '@oauth-ratchet/engines'
import type { GrantRecord, RevokeFilter } from '@oauth-ratchet/core'

import { everyPage } from '../../core/src/storage/every-page.js'
import type { Script } from '../src/define-script.js'
import { entryOf, indexed } from '../src/index-entry.js'
import { driverOf } from '../src/redis-client.js'
import { grantTurn, indexAdd } from '../src/scripts.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import type { Opened } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterEach(() => jest.restoreAllMocks())
afterAll(() => opened.close())

/** How many entries the subject's index has: of all its grants, and of the redeemed ones. */
async function entries(at: Opened, subjectHash: string): Promise<{ all: number; redeemed: number }> {
  const members = await at.client.zrange(`${at.prefix}s:{${subjectHash}}`, '0', '-1')
  const redeemed = members.filter((member) => member.startsWith('r')).length
  return { all: members.length - redeemed, redeemed }
}

const NONE = { all: 0, redeemed: 0 }
const ONE = { all: 1, redeemed: 1 }

/** What the work answers that is done when the script is about to be sent for the first time. */
function before<Answer>({ client }: Opened, script: Script, work: () => Promise<Answer>): Promise<Answer> {
  const driver = driverOf(client)
  const evalsha = driver.evalshaBuffer.bind(driver)
  return new Promise((resolve, reject) => {
    const spy = jest.spyOn(driver, 'evalshaBuffer').mockImplementation(async (...parameters) => {
      if (parameters[0] === script.sha) {
        spy.mockRestore()
        await work().then(resolve, reject)
      }
      return evalsha(...parameters)
    })
  })
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
    const [expected, next] = turnOf(grant ?? record)
    await grants.turn(record.id, expected, { ...next, maxAbsoluteLifetime: HOUR_MS })
    expectAbout(await expiryOf(at, key), record.createdAt + HOUR_MS)
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
    expect(await entries(at, subjectHash)).toEqual(ONE)
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
    expect(await entries(at, subjectHash)).toEqual(ONE)
  })

  it('keeps the entry of a grant that may be just on its way', async () => {
    const at = await opened.open(url)
    const record = sampleGrant({ expiresAt: Date.now() - 1 })
    await at.storage.grants.create(record)
    await at.storage.grants.listBySubject([record.subjectHash], { now: Date.now() }, { limit: 100 })
    expect(await entries(at, record.subjectHash)).toEqual(ONE)
  })

  it('does not grow with grants that expire, though nobody reads it', async () => {
    const at = await opened.open(url)
    const subjectHash = randomId()
    for (let hours = 300; hours > 0; hours -= 1) {
      const createdAt = Date.now() - hours * HOUR_MS
      await at.storage.grants.create(longAgo(subjectHash, { createdAt }))
    }
    await waitUntil('the housekeeping is done', async () => (await entries(at, subjectHash)).all < 30)
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
    // In the list of all they stay for the same call run again; a sign-in reads none of them.
    expect(await entries(at, subjectHash)).toEqual({ all: 10, redeemed: 0 })
    expect((await end(randomId())).grants).toEqual([])
    expect(await entries(at, subjectHash)).toEqual(NONE)
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
    expect(await entries(at, subjectHash)).toEqual(NONE)
  })

  it("is looked through a part at a time, where other clients' entries are many", async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    const mine = sampleGrant()
    const { subjectHash, createdAt } = mine
    await grants.create(mine)
    const others = Array.from({ length: 12_000 }, (_, index) => {
      const other = sampleGrant({ clientId: 'another', createdAt: createdAt - 1 - index })
      return ['0', entryOf('redeemed', indexed(other))]
    })
    await at.client.zadd(`${at.prefix}s:{${subjectHash}}`, ...others.flat())
    const pages: number[] = []
    for await (const page of everyPage(10, (each) =>
      grants.listBySubject([subjectHash], { now: Date.now(), clientId: mine.clientId }, each),
    )) {
      pages.push(page.grants.length)
    }
    expect(pages).toEqual([0, 0, 1])
  })

  it.each<[string, (record: GrantRecord) => Partial<RevokeFilter>]>([
    ['another client', () => ({ clientId: 'client-b' })],
    ['another session', () => ({ sessionHash: 'session-b' })],
    ['another session, of one that has none', () => ({ sessionHash: 'session-a' })],
    ['all but this one', ({ id }) => ({ except: id })],
    ['those created before', ({ createdAt }) => ({ createdBefore: createdAt })],
  ])('leads no walk with a filter for %s to a grant that is just being created', async (name, filterFor) => {
    const at = await opened.open(url)
    const record = sampleGrant(name.endsWith('none') ? {} : { sessionHash: 'session-a' })
    await at.storage.grants.create({ ...record, expiresAt: Date.now() - 1 })
    const filter = {
      at: Date.now(),
      reason: 'revoked',
      keepUntil: Date.now() + DAY_MS,
      by: randomId(),
    } as const
    await at.storage.grants.revokeBySubject(
      [record.subjectHash],
      { ...filter, ...filterFor(record) },
      { limit: 10 },
    )
    expect(await at.storage.grants.create(record)).toBe(true)
    expect((await at.storage.grants.find(record.id))?.revoked).toBeUndefined()
  })

  it('has a code among the redeemed grants before it is turned, and no sooner', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    const code = sampleGrant({ generation: 0 })
    await grants.create(code)
    expect(await entries(at, code.subjectHash)).toEqual({ all: 1, redeemed: 0 })
    const [expected, next] = turnOf(code)
    await grants.turn(code.id, { ...expected, nonce: 'another' }, next)
    expect(await entries(at, code.subjectHash)).toEqual({ all: 1, redeemed: 0 })
    const seen = before(at, grantTurn, () => entries(at, code.subjectHash))
    expect(await grants.turn(code.id, expected, next)).toMatchObject({ turned: true })
    expect(await seen).toEqual(ONE)
  })

  it('does not have again what was ended between the look at a code and its turn', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    for (const reseal of [undefined, { revision: 0, format: 1, facts: 'anew', subjectHash: randomId() }]) {
      const code = sampleGrant({ generation: 0 })
      await grants.create(code)
      const [expected, next] = turnOf(code)
      const ended = before(at, indexAdd, () =>
        grants.revoke(code.id, 'revoked', Date.now(), { keepUntil: Date.now() + DAY_MS, by: randomId() }),
      )
      const { turned, grant } = await grants.turn(code.id, expected, { ...next, ...(reseal && { reseal }) })
      expect([turned, grant?.revoked?.reason]).toEqual([false, 'revoked'])
      await ended
      for (const hash of [code.subjectHash, reseal?.subjectHash ?? code.subjectHash]) {
        expect(await entries(at, hash)).toEqual(NONE)
      }
    }
  })

  it('has entries under the new hash before a grant is sealed anew under it', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    for (const generation of [0, 1]) {
      const record = sampleGrant({ generation })
      await grants.create(record)
      const [expected, next] = turnOf(record)
      const reseal = { revision: 0, format: 1, facts: 'anew', subjectHash: randomId() }
      const seen = before(at, grantTurn, async () => ({
        // Under the old hash too: the reseal is left out where the facts change meanwhile.
        old: await entries(at, record.subjectHash),
        new: await entries(at, reseal.subjectHash),
        listed: await grants.listBySubject([reseal.subjectHash], { now: Date.now() }, { limit: 10 }),
      }))
      await grants.turn(record.id, expected, { ...next, reseal })
      expect(await seen).toEqual({ old: ONE, new: ONE, listed: { grants: [] } })
      expectAbout(await indexExpiry(at, reseal.subjectHash), record.absoluteExpiresAt ?? 0)
    }
  })

  it('leads a walk by session to a grant whose session got another hash', async () => {
    const at = await opened.open(url)
    const { grants } = at.storage
    for (const subjectHash of ['same', randomId()]) {
      const record = sampleGrant({ sessionHash: 'old', ...(subjectHash === 'same' && { subjectHash }) })
      await grants.create(record)
      const [expected, next] = turnOf(record)
      const reseal = { revision: 0, format: 1, facts: 'anew', subjectHash, sessionHash: 'new' }
      await grants.turn(record.id, expected, { ...next, reseal })
      expect(await entries(at, subjectHash)).toEqual(ONE)
      const filter = {
        at: Date.now(),
        reason: 'revoked',
        keepUntil: Date.now() + DAY_MS,
        by: randomId(),
        sessionHash: 'new',
      } as const
      const walk = await grants.revokeBySubject([record.subjectHash, subjectHash], filter, { limit: 10 })
      expect(walk.grants.map(({ id }) => id)).toEqual([record.id])
    }
  })
})
