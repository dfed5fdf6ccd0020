import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { decodeGrant, encodeGrant } from '../src/grant-record.js'
import { driverOf } from '../src/redis-client.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import { randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'
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
