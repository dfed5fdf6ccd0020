import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { decodeGrant, encodeGrant } from '../src/grant-record.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import { DAY_MS, randomId, sampleGrant, turnOf } from './fixtures/sample-grant.js'
import { TokenServer } from './fixtures/token-server.js'

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterAll(() => opened.close())

const LARGEST = 2 ** 48

describe('a grant as it is kept', () => {
  it('is written by the scripts byte for byte as it is here', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const records = [
      sampleGrant(),
      sampleGrant({ idleLifetime: null, generation: LARGEST, revision: LARGEST }),
      sampleGrant({ absoluteExpiresAt: null, clientId: 'é'.repeat(40), facts: 'x'.repeat(70_000), seen: '' }),
      sampleGrant({ sessionHash: randomId(), boundKey: 'k'.repeat(300), codeProof: `${randomId()}.` }),
    ]
    for (const record of records) {
      await storage.grants.create(record)
      const key = `${prefix}g:{${record.id}}`
      expect(await client.getBuffer(key)).toEqual(encodeGrant(record))
      await storage.grants.renewAccessNonce(record.id, record.accessNonce)
      expect(await client.getBuffer(key)).toEqual(encodeGrant(record))
      const { grant = record } = await storage.grants.amend(record.id, record.revision, { now: Date.now() })
      expect(await client.getBuffer(key)).toEqual(encodeGrant(grant))
    }
  })

  it('counts generations to 2^48 and beyond, one by one', async () => {
    const { storage } = await opened.open(url)
    const record = sampleGrant({ generation: LARGEST - 1 })
    await storage.grants.create(record)
    let current = record
    for (const generation of [LARGEST, LARGEST + 1, LARGEST + 2]) {
      const { turned, grant = current } = await storage.grants.turn(record.id, ...turnOf(current))
      expect([turned, grant.generation]).toEqual([true, generation])
      current = grant
    }
  })

  it('written by a newer version is left alone: a 503, and neither judged nor changed', async () => {
    const { client, prefix, storage } = await opened.open(url)
    const at = new TokenServer(storage)
    const token = await at.signIn('alice')
    const id = (await at.server.grants.list({ subject: 'alice' }))[0]?.id ?? ''
    const key = `${prefix}g:{${id}}`
    const newer = Buffer.concat([
      Buffer.from([9]),
      ((await client.getBuffer(key)) ?? Buffer.alloc(1)).subarray(1),
    ])
    await client.set(key, newer)
    expect(() => decodeGrant(id, newer)).toThrow('a newer one wrote it')
    expect(await at.refresh(token)).toMatchObject({ status: 503 })
    const options = { keepUntil: Date.now() + DAY_MS, by: randomId() }
    for (const call of [
      () => storage.grants.find(id),
      () => storage.grants.revoke(id, 'revoked', Date.now(), options),
      () => storage.grants.renewAccessNonce(id, randomId()),
      () => storage.grants.amend(id, 0, { now: Date.now() }),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'StorageError' })
    }
    await expect(at.server.grants.revokeAll({ subject: 'alice' })).rejects.toMatchObject({ status: 503 })
    expect(await client.getBuffer(key)).toEqual(newer)
    expect(at.reuses).toEqual([])
  })
})
