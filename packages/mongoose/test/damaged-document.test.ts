import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'
import type { GrantRecord } from '@oauth-ratchet/core'
import type { Connection, mongo } from 'mongoose'

import {
  expectationOf,
  fullGrant,
  revokeFilter,
  revokeOptions,
  sampleChange,
  sampleGrant,
  walkGrants,
} from '../../storage-contract/src/samples.js'
import { MongooseStorage } from '../src/index.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'

const now = Date.now()

let connection: Connection
let storage: MongooseStorage

beforeAll(async () => {
  const { url } = await sharedMongo()
  connection = await connectTo(url, databaseName())
  storage = new MongooseStorage({ connection })
  await storage.init()
}, ENGINE_TIMEOUT_MS)

afterEach(async () => {
  await connection.db?.collection('oauth_ratchet_grants').deleteMany({})
})

afterAll(async () => {
  await connection.dropDatabase()
  await connection.close()
})

async function damaged(damage: mongo.Document, fields: Partial<GrantRecord> = {}): Promise<GrantRecord> {
  const record = { ...fullGrant(now), ...fields }
  await storage.grants.create(record)
  await connection.db
    ?.collection<{ _id: string }>('oauth_ratchet_grants')
    .updateOne({ _id: record.id }, damage)
  return record
}

describe('a document that is damaged', () => {
  const revoked = { at: new Date(now), reason: 'revoked', by: 'someone' }
  it.each<[string, mongo.Document]>([
    ...[
      'client',
      'subject',
      'gen',
      'nonce',
      'access',
      'created',
      'turned',
      'expires',
      'rev',
      'format',
      'facts',
    ].map((field): [string, mongo.Document] => [`has no ${field}`, { $unset: { [field]: true } }]),
    ...['key', 'proof', 'prev', 'idem', 'prevIdem', 'session', 'seen', 'absolute', 'idle', 'revoked'].map(
      (field): [string, mongo.Document] => [`has another ${field}`, { $set: { [field]: true } }],
    ),
    ['says by nobody that it was revoked', { $set: { revoked: { ...revoked, by: 1 } } }],
    ['says at no time that it was revoked', { $set: { revoked: { ...revoked, at: 1 } } }],
  ])('is a StorageError, and no record, where it %s', async (_name, damage) => {
    const { id } = await damaged(damage)
    await expect(storage.grants.find(id)).rejects.toMatchObject({ name: 'StorageError' })
  })

  it('is not answered by a turn either', async () => {
    const record = await damaged({ $unset: { access: true } })
    const turning = storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
    await expect(turning).rejects.toMatchObject({ name: 'StorageError', outcome: 'unknown' })
  })

  it('does not stop a scan, which names it, and goes on', async () => {
    const cut = await damaged({ $unset: { nonce: true } })
    const whole = [sampleGrant(now), sampleGrant(now), sampleGrant(now)]
    for (const record of whole) await storage.grants.create(record)
    const unreadable: string[] = []
    const found = await walkGrants(1, async (page) => {
      const scanned = await storage.grants.scan(page)
      unreadable.push(...(scanned.unreadable ?? []))
      return scanned
    })
    expect(unreadable).toEqual([cut.id])
    expect(found.map(({ id }) => id).toSorted()).toEqual(whole.map(({ id }) => id).toSorted())
  })

  it('hides no other of its subject in a list, which names it', async () => {
    const cut = await damaged({ $unset: { nonce: true } })
    const whole = { ...sampleGrant(now), subjectHash: cut.subjectHash }
    await storage.grants.create(whole)
    const page = await storage.grants.listBySubject([cut.subjectHash], { now }, { limit: 10 })
    expect(page.grants.map(({ id }) => id)).toEqual([whole.id])
    expect(page.unreadable).toEqual([cut.id])
  })

  it('is ended with the others of its subject, and by its id', async () => {
    const [together, undated, named] = [
      await damaged({ $unset: { nonce: true } }),
      await damaged({ $unset: { created: true } }),
      await damaged({ $unset: { nonce: true } }, { subjectHash: 'another' }),
    ]
    const whole = sampleGrant(now)
    await storage.grants.create(whole)
    const filter = revokeFilter(now)
    const ended = await walkGrants(1, (page) =>
      storage.grants.revokeBySubject([whole.subjectHash], filter, page),
    )
    expect(ended.map(({ id }) => id)).toEqual([whole.id])
    // Its outcome is in the store; what it was before cannot be said.
    const options = revokeOptions(now)
    await expect(storage.grants.revoke(named.id, 'revoked', now, options)).rejects.toThrow('damaged')
    const documents = await connection.db
      ?.collection<mongo.Document & { _id: string }>('oauth_ratchet_grants')
      .find({ _id: { $in: [together, undated, named].map(({ id }) => id) } })
      .toArray()
    expect(documents?.map((document) => document['revoked']?.by).toSorted()).toEqual(
      [filter.by, filter.by, options.by].toSorted(),
    )
  })
})
