import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { everyPage } from '../../core/src/storage/every-page.js'
import { decodeGrant, encodeGrant } from '../src/grant-record.js'
import { driverOf } from '../src/redis-client.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { TokenServer } from './fixtures/token-server.js'

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterEach(() => jest.restoreAllMocks())
afterAll(() => opened.close())

const records = [
  sampleGrant(),
  sampleGrant({ boundKey: 'k'.repeat(300), codeProof: randomId(), previousNonce: randomId(), seen: 'seen' }),
]

describe('a record that is cut off', () => {
  it('at any byte is a StorageError, and never read as another record', () => {
    for (const record of records) {
      const whole = encodeGrant(record)
      for (let length = 0; length < whole.length; length += 1) {
        const reading = () => decodeGrant(record.id, whole.subarray(0, length))
        expect(reading).toThrow(expect.objectContaining({ name: 'StorageError', outcome: 'not_applied' }))
      }
      expect(decodeGrant(record.id, whole)).toEqual(record)
    }
  })

  it('is a 503 to its holder, who is not taken for a thief, and works when it is whole again', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const at = new TokenServer(storage)
    const token = await at.signIn('alice')
    const id = (await at.server.grants.list({ subject: 'alice' }))[0]?.id ?? ''
    const key = `${prefix}g:{${id}}`
    const whole = (await client.getBuffer(key)) ?? Buffer.alloc(0)
    for (const length of [40, 70, Math.floor(whole.length / 2), whole.length - 10]) {
      await client.set(key, whole.subarray(0, length))
      expect(await at.refresh(token)).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
      await expect(storage.grants.find(id)).rejects.toMatchObject({ outcome: 'not_applied' })
    }
    await client.set(key, whole)
    await at.turned(token)
    expect(at.reuses).toEqual([])
  })
})

describe('a damaged record', () => {
  it('cut off at any byte is neither turned nor changed', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const [record = sampleGrant()] = records
    const { grants } = storage
    const key = `${prefix}g:{${record.id}}`
    const whole = encodeGrant(record)
    const by = { keepUntil: Date.now() + DAY_MS, by: randomId(), subjectHashes: [record.subjectHash] }
    const calls = [
      () => grants.turn(record.id, ...turnOf(record)),
      () => grants.amend(record.id, 0, { now: Date.now() }),
      () => grants.renewAccessNonce(record.id, randomId()),
      () => grants.revoke(record.id, 'revoked', Date.now(), by),
    ]
    for (let length = 0; length < whole.length; length += 1) {
      await client.set(key, whole.subarray(0, length))
      const results = await Promise.allSettled(calls.map((call) => call()))
      expect(results.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'))
      expect(await client.getBuffer(key)).toEqual(whole.subarray(0, length))
    }
  })

  it('does not stop a scan, which names it, and goes on', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const [cut, newer, noString, whole, other] = [
      sampleGrant(),
      sampleGrant(),
      sampleGrant(),
      sampleGrant(),
      sampleGrant({ clientId: 'client-b' }),
    ]
    for (const record of [cut, newer, noString, whole, other]) await storage.grants.create(record)
    await client.set(`${prefix}g:{${cut.id}}`, encodeGrant(cut).subarray(0, 90))
    await client.set(
      `${prefix}g:{${newer.id}}`,
      Buffer.concat([Buffer.from([9]), encodeGrant(newer).subarray(1)]),
    )
    await client.del(`${prefix}g:{${noString.id}}`)
    await client.rpush(`${prefix}g:{${noString.id}}`, 'no record')
    const unreadable = [cut.id, newer.id, noString.id].toSorted()
    for (const [filter, readable] of [
      [{}, [whole.id, other.id].toSorted()],
      [{ clientId: 'client-a' }, [whole.id]],
      [{ clientId: 'client-b' }, [other.id]],
      [{ clientId: 'client-c' }, []],
    ] as const) {
      const named = new Set<string>()
      const found = new Set<string>()
      for await (const page of everyPage(2, (at) => storage.grants.scan(at, filter))) {
        for (const id of page.unreadable ?? []) named.add(id)
        for (const { id } of page.grants) found.add(id)
      }
      expect([...named].toSorted()).toEqual(unreadable)
      expect([...found].toSorted()).toEqual(readable)
    }
  })

  it('hides no other of its subject in a list, which names it', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const subjectHash = randomId()
    const [cut, whole] = [sampleGrant({ subjectHash }), sampleGrant({ subjectHash })]
    for (const record of [cut, whole]) await storage.grants.create(record)
    await client.set(`${prefix}g:{${cut.id}}`, encodeGrant(cut).subarray(0, 90))
    for (const filter of [{}, { pending: true }]) {
      const page = await storage.grants.listBySubject(
        [subjectHash],
        { now: Date.now(), ...filter },
        { limit: 10 },
      )
      expect(page.grants.map(({ id }) => id)).toEqual([whole.id])
      expect(page.unreadable).toEqual([cut.id])
    }
  })

  it('is ended with the others of its subject, and by its id: a tombstone takes its place', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const { grants } = storage
    const subjectHash = randomId()
    const [cut, whole, named] = [sampleGrant({ subjectHash }), sampleGrant({ subjectHash }), sampleGrant()]
    for (const record of [cut, whole, named]) await grants.create(record)
    for (const record of [cut, named]) {
      await client.set(`${prefix}g:{${record.id}}`, encodeGrant(record).subarray(0, 90))
    }
    const now = Date.now()
    const options = { keepUntil: now + DAY_MS, by: randomId() }
    const filter = { at: now, reason: 'revoked', ...options } as const
    const walk = await grants.revokeBySubject([subjectHash], filter, { limit: 10 })
    expect(walk.grants.map(({ id }) => id)).toEqual([whole.id])
    expect(await grants.revoke(named.id, 'revoked', now, options)).toEqual({
      ended: false,
      before: undefined,
    })
    for (const { id } of [cut, whole, named]) {
      expect((await grants.find(id))?.revoked?.by).toBe(options.by)
    }
  })
})

describe('an answer that cannot be read', () => {
  it('to a turn says nothing of whether it turned', async () => {
    const { client, storage } = await opened.open(url)
    const record = sampleGrant()
    await storage.grants.create(record)
    const driver = driverOf(client)
    const evalsha = driver.evalshaBuffer.bind(driver)
    jest.spyOn(driver, 'evalshaBuffer').mockImplementationOnce(async (...parameters) => {
      const answer = (await evalsha(...parameters)) as Buffer
      return answer.subarray(0, 50)
    })
    const turning = storage.grants.turn(record.id, ...turnOf(record))
    await expect(turning).rejects.toMatchObject({ name: 'StorageError', outcome: 'unknown' })
    expect((await storage.grants.find(record.id))?.generation).toBe(2)
  })
})
