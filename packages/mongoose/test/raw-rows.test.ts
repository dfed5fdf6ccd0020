import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'
import mongoose from 'mongoose'
import type { Connection } from 'mongoose'

import {
  DAY,
  expectationOf,
  randomId,
  sampleChange,
  sampleGrant,
} from '../../storage-contract/src/samples.js'
import { MongooseStorage } from '../src/index.js'
import { refreshed, startApp } from './setup/app.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'

const { BSON } = mongoose.mongo
const now = Date.now()

let url: string

beforeAll(async () => {
  url = (await sharedMongo()).url
}, ENGINE_TIMEOUT_MS)

/** Everything in the database, read past the storage. */
async function rowsOf(connection: Connection): Promise<mongoose.mongo.Document[]> {
  const collections = (await connection.db?.collections()) ?? []
  const rows = await Promise.all(collections.map((collection) => collection.find().toArray()))
  return rows.flat()
}

it('nothing personal and nothing that could be presented stands in the database', async () => {
  const app = await startApp({ url })
  const tokens = await app.server.grants.issue({
    clientId: 'app',
    subject: 'alice@example.com',
    session: 'browser-session-7',
    metadata: { device: 'the phone of Alice' },
    claims: { name: 'Alice Liddell' },
  })
  const answer = await app.refresh(tokens.refresh_token ?? '', 'key-of-the-request')
  const text = BSON.EJSON.stringify(await rowsOf(app.connection))
  expect(text).toContain('"gen":2')
  for (const personal of [
    'alice',
    'Alice',
    'browser-session-7',
    'phone',
    'notes:read',
    'key-of-the-request',
  ]) {
    expect(text).not.toContain(personal)
  }
  for (const token of [tokens.access_token, tokens.refresh_token ?? '', refreshed(answer)]) {
    expect(text).not.toContain(token)
    expect(text).not.toContain(token.slice(4, 60))
  }
  await app.connection.dropDatabase()
  await app.stop()
})

it('a document is as large after a thousand refreshes as after one', async () => {
  const app = await startApp({ url })
  const size = async (): Promise<number> => {
    const rows = await rowsOf(app.connection)
    expect(rows).toHaveLength(1)
    return BSON.calculateObjectSize(rows[0] ?? {})
  }
  let token = refreshed(await app.refresh(await app.signIn(), 'key-0001'))
  const afterOne = await size()
  for (let turn = 2; turn <= 1000; turn += 1) {
    token = refreshed(await app.refresh(token, `key-${String(turn).padStart(4, '0')}`))
  }
  // One more, for before the first there was no key hash that could have become the previous one.
  expect((await size()) - afterOne).toBe(BSON.calculateObjectSize({ prevIdem: randomId() }) - 5)
  await app.connection.dropDatabase()
  await app.stop()
})

it('times are dates, as the TTL index wants them, and to the millisecond', async () => {
  const connection = await connectTo(url, databaseName())
  const storage = new MongooseStorage({ connection })
  const record = sampleGrant(now)
  await storage.grants.create(record)
  await storage.grants.turn(record.id, expectationOf(record, now + 1), sampleChange())
  await storage.grants.amend(record.id, 0, {
    now: now + 1,
    lifetimes: { idleLifetime: DAY + 1, absoluteExpiresAt: now + 5 * DAY },
  })
  const [row] = await rowsOf(connection)
  expect(row).toMatchObject({
    created: new Date(now),
    turned: new Date(now + 1),
    absolute: new Date(now + 5 * DAY),
    expires: new Date(now + DAY + 2),
  })
  await connection.dropDatabase()
  await connection.close()
})

it('what an app has set for the reading of its own documents changes nothing', async () => {
  const dbName = databaseName()
  for (const settings of [
    { useBigInt64: true },
    { promoteLongs: false },
    { promoteValues: false },
    { ignoreUndefined: true },
    { raw: true },
  ]) {
    const connection = await connectTo(url, dbName, settings)
    const storage = new MongooseStorage({ connection })
    await storage.init()
    const record = sampleGrant(now, { generation: 2 ** 31 - 1, idleLifetime: 100 * DAY })
    await storage.grants.create(record)
    const next = sampleChange()
    const { grant } = await storage.grants.turn(record.id, expectationOf(record, now), next)
    expect(grant).toEqual({
      ...record,
      generation: 2 ** 31,
      nonce: next.nonce,
      previousNonce: record.nonce,
      expiresAt: now + 100 * DAY,
    })
    expect(await storage.grants.find(record.id)).toEqual(grant)
    await connection.close()
  }
  const connection = await connectTo(url, dbName)
  await connection.dropDatabase()
  await connection.close()
})
