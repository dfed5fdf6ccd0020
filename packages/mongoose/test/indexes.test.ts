import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'
import type { Connection } from 'mongoose'

import { sampleGrant } from '../../storage-contract/src/samples.js'
import { toDocument } from '../src/grant-documents.js'
import type { GrantDocument } from '../src/grant-documents.js'
import { MongooseStorage } from '../src/index.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'
import { sentDuring } from './setup/sent-commands.js'

let url: string
let connection: Connection

beforeAll(async () => {
  url = (await sharedMongo()).url
}, ENGINE_TIMEOUT_MS)

beforeEach(async () => {
  connection = await connectTo(url, databaseName(), { monitorCommands: true })
})

afterEach(async () => {
  await connection.dropDatabase()
  await connection.close()
})

/** Name, key and options of every index but the one on `_id`. */
async function indexesOf(collection: string): Promise<unknown[]> {
  const indexes = (await connection.db?.collection(collection).listIndexes().toArray()) ?? []
  return indexes
    .filter(({ name }) => name !== '_id_')
    .map(({ name, key, expireAfterSeconds, partialFilterExpression }) => ({
      name,
      key,
      ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
      ...(partialFilterExpression !== undefined && { partialFilterExpression }),
    }))
}

const EXPIRY = { name: 'by_expiry', key: { expires: 1 }, expireAfterSeconds: 0 }
const REDEEMED = {
  name: 'by_subject_redeemed',
  key: { subject: 1, created: 1, _id: 1, client: 1 },
  partialFilterExpression: { gen: { $gt: 0 }, revoked: null },
}
const SUBJECT = { name: 'by_subject', key: { subject: 1, created: 1, _id: 1 } }

describe('init', () => {
  it('builds what is missing', async () => {
    await new MongooseStorage({ connection }).init()
    expect(await indexesOf('oauth_ratchet_grants')).toEqual([SUBJECT, REDEEMED, EXPIRY])
    expect(await indexesOf('oauth_ratchet_values')).toEqual([EXPIRY])
  })

  it('builds nothing where everything is there', async () => {
    const storage = new MongooseStorage({ connection })
    await storage.init()
    const sent = await sentDuring(connection, () => storage.init())
    expect(sent.map(({ name }) => name)).not.toContain('createIndexes')
    expect(await indexesOf('oauth_ratchet_grants')).toEqual([SUBJECT, REDEEMED, EXPIRY])
  })

  it('is run by many at once without harm', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, () => connectTo(url, connection.name)))
    await Promise.all(
      [connection, ...others].flatMap((each) => {
        const storage = new MongooseStorage({ connection: each })
        return [storage.init(), storage.init()]
      }),
    )
    for (const other of others) await other.close()
    expect(await indexesOf('oauth_ratchet_grants')).toEqual([SUBJECT, REDEEMED, EXPIRY])
  })

  it('adds what a collection of an earlier version lacks, and takes nothing from it', async () => {
    const grants = connection.db?.collection<GrantDocument>('oauth_ratchet_grants')
    await grants?.createIndex(SUBJECT.key, { name: SUBJECT.name })
    await grants?.createIndex(EXPIRY.key, { name: EXPIRY.name, expireAfterSeconds: 0 })
    const record = sampleGrant(Date.now())
    await grants?.insertOne(toDocument(record))
    const storage = new MongooseStorage({ connection })
    const sent = await sentDuring(connection, () => storage.init())
    expect(sent.map(({ name }) => name)).not.toContain('dropIndexes')
    expect(await indexesOf('oauth_ratchet_grants')).toEqual([SUBJECT, EXPIRY, REDEEMED])
    const filter = { now: Date.now(), clientId: record.clientId }
    const listed = await storage.grants.listBySubject([record.subjectHash], filter, { limit: 10 })
    expect(listed.grants).toEqual([record])
  })

  it('leaves other indexes of the app alone, and takes one of its own that fits', async () => {
    const grants = connection.db?.collection('oauth_ratchet_grants')
    await grants?.createIndex({ client: 1 }, { name: 'of_the_app' })
    await grants?.createIndex({ expires: 1 }, { name: 'expires_1', expireAfterSeconds: 0 })
    await new MongooseStorage({ connection }).init()
    expect(await indexesOf('oauth_ratchet_grants')).toEqual([
      { name: 'of_the_app', key: { client: 1 } },
      { ...EXPIRY, name: 'expires_1' },
      SUBJECT,
      REDEEMED,
    ])
  })
})

describe('init refuses an index that is there with other options, and says what to do', () => {
  it('a time to live that is another', async () => {
    await connection.db
      ?.collection('oauth_ratchet_grants')
      .createIndex({ expires: 1 }, { name: 'expires_1', expireAfterSeconds: 3600 })
    const storage = new MongooseStorage({ connection })
    await expect(storage.init()).rejects.toMatchObject({
      name: 'StorageError',
      outcome: 'not_applied',
      message:
        'The collection oauth_ratchet_grants has an index expires_1 on {"expires":1} with expireAfterSeconds 3600 instead of 0. ' +
        'Drop it with db.getCollection("oauth_ratchet_grants").dropIndex("expires_1") and call init() again, which builds it as it must be.',
    })
    expect(await indexesOf('oauth_ratchet_grants')).toHaveLength(1)
    await connection.db?.collection('oauth_ratchet_grants').dropIndex('expires_1')
    await storage.init()
    expect(await indexesOf('oauth_ratchet_grants')).toEqual([SUBJECT, REDEEMED, EXPIRY])
  })

  it('none at all where documents are to expire', async () => {
    await connection.db?.collection('oauth_ratchet_values').createIndex({ expires: 1 })
    await expect(new MongooseStorage({ connection }).init()).rejects.toThrow(
      /oauth_ratchet_values .* expires_1 .* with expireAfterSeconds none instead of 0/,
    )
  })

  it('one that is unique or covers a part only', async () => {
    const grants = connection.db?.collection('oauth_ratchet_grants')
    await grants?.createIndex(SUBJECT.key, { unique: true, name: 'theirs' })
    await expect(new MongooseStorage({ connection }).init()).rejects.toThrow(
      /index theirs on .* with unique true instead of none/,
    )
  })

  it('one of all grants where one of the redeemed is needed', async () => {
    const grants = connection.db?.collection('oauth_ratchet_grants')
    await grants?.createIndex(REDEEMED.key, { name: 'theirs' })
    await expect(new MongooseStorage({ connection }).init()).rejects.toThrow(
      /theirs .* with partialFilterExpression none instead of \{"gen":\{"\$gt":0\},"revoked":null\}/,
    )
  })

  it('one of the same name on other fields', async () => {
    await connection.db
      ?.collection('oauth_ratchet_grants')
      .createIndex({ subject: 1 }, { name: 'by_subject' })
    await expect(new MongooseStorage({ connection }).init()).rejects.toThrow(
      /an index named by_subject on \{"subject":1\} where one on .* is needed\. Drop it with/,
    )
  })

  it('all of them at once', async () => {
    await connection.db?.collection('oauth_ratchet_grants').createIndex({ expires: 1 })
    await connection.db
      ?.collection('oauth_ratchet_grants')
      .createIndex(SUBJECT.key, { sparse: true, name: 'theirs' })
    await expect(new MongooseStorage({ connection }).init()).rejects.toThrow(/theirs.*expires_1/)
  })
})
