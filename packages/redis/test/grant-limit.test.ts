import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'
import type { GrantRecord, GrantStore } from '@oauth-ratchet/core'

import { OpenedStorages, randomPrefix } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'

const LIMIT = 50
const SIGN_INS = 60
const CONNECTIONS = 6

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterAll(() => opened.close())

async function liveOf(grants: GrantStore, { subjectHash, clientId }: GrantRecord): Promise<GrantRecord[]> {
  const page = await grants.listBySubject([subjectHash], { now: Date.now(), clientId }, { limit: 1000 })
  return [...page.grants]
}

/** What the core does once the grant of a sign-in is live: it ends all beyond the newest. */
async function keepLimit(grants: GrantStore, record: GrantRecord): Promise<void> {
  const live = await liveOf(grants, record)
  const options = { keepUntil: Date.now() + DAY_MS, by: randomId() }
  for (const { id } of live.slice(0, -LIMIT)) await grants.revoke(id, 'limit', Date.now(), options)
}

describe('sixty sign-ins at once at a limit of fifty', () => {
  it.each([
    ['grants that begin with tokens', 1],
    ['codes that are redeemed', 0],
  ])('leave exactly the newest fifty: %s', async (_name, generation) => {
    const prefix = randomPrefix()
    const stores = await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => (await opened.open(url, {}, prefix)).storage.grants),
    )
    const { subjectHash, createdAt } = sampleGrant()
    const records = Array.from({ length: SIGN_INS }, (_, index) =>
      sampleGrant({ subjectHash, generation, createdAt: createdAt + (index % 7) }),
    )
    await Promise.all(
      records.map(async (record, index) => {
        const grants = stores[index % CONNECTIONS]
        if (grants === undefined) throw new TypeError('There is no such connection')
        await grants.create(record)
        if (generation === 0) await grants.turn(record.id, ...turnOf(record))
        await keepLimit(grants, record)
      }),
    )
    const newest = records
      .toSorted((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1))
      .slice(-LIMIT)
    const [grants] = stores
    const left = grants === undefined ? [] : await liveOf(grants, newest[0] ?? sampleGrant())
    expect(left.map(({ id }) => id)).toEqual(newest.map(({ id }) => id))
  })
})
