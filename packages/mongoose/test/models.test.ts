import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'
import type { Connection } from 'mongoose'

import { HOUR, randomId, sampleGrant } from '../../storage-contract/src/samples.js'
import { MongooseStorage } from '../src/index.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'

const now = Date.now()
const MODELS = { grants: 'OAuthGrant', values: 'OAuthValue', clients: 'OAuthClient' } as const

let url: string
let connection: Connection

beforeAll(async () => {
  url = (await sharedMongo()).url
}, ENGINE_TIMEOUT_MS)

beforeEach(async () => {
  connection = await connectTo(url, databaseName())
})

afterEach(async () => {
  await connection.dropDatabase()
  await connection.close()
})

async function collectionNames(): Promise<string[]> {
  const collections = await connection.listCollections()
  return collections.map(({ name }) => name).toSorted()
}

describe('names', () => {
  it('two storages with different prefixes on one connection do not see each other', async () => {
    const [one, other] = ['one_', 'other_'].map((prefix) => new MongooseStorage({ connection, prefix }))
    await Promise.all([one?.init(), other?.init()])
    const record = sampleGrant(now)
    await one?.grants.create(record)
    expect(await other?.grants.find(record.id)).toBeUndefined()
    expect(await one?.grants.find(record.id)).toEqual(record)
    expect(await collectionNames()).toEqual(['one_grants', 'one_values', 'other_grants', 'other_values'])
  })

  it('two storages with the same names on one connection share the data', async () => {
    const [one, other] = [MODELS, MODELS].map((models) => new MongooseStorage({ connection, models }))
    await one?.init()
    const record = sampleGrant(now)
    await one?.grants.create(record)
    expect(await other?.grants.find(record.id)).toEqual(record)
  })

  it('of single collections can be given', async () => {
    const storage = new MongooseStorage({ connection, prefix: 'auth_', collections: { grants: 'sessions' } })
    await storage.init()
    await storage.clients.save({ id: 'client', revision: 0, data: '{}' }, null)
    await storage.grants.create(sampleGrant(now))
    expect(await collectionNames()).toEqual(['auth_clients', 'auth_values', 'sessions'])
  })

  it('a connection of useDb keeps to its own database', async () => {
    const dbName = databaseName()
    const theirs = connection.useDb(dbName)
    const storage = new MongooseStorage({ connection: theirs })
    await storage.init()
    await storage.grants.create(sampleGrant(now))
    expect(await collectionNames()).toEqual([])
    expect(theirs.db?.databaseName).toBe(dbName)
    await theirs.dropDatabase()
  })
})

describe('models', () => {
  it('are registered only where they are named', () => {
    expect(new MongooseStorage({ connection })).toBeDefined()
    expect(connection.modelNames()).toEqual([])
    expect(new MongooseStorage({ connection, models: { grants: 'OAuthGrant' } })).toBeDefined()
    expect(connection.modelNames()).toEqual(['OAuthGrant'])
  })

  it('show every field of the documents', async () => {
    const storage = new MongooseStorage({ connection, models: MODELS })
    await storage.init()
    const record = sampleGrant(now, {
      sessionHash: 'session',
      boundKey: 'key',
      codeProof: 'proof',
      previousNonce: 'before',
      keyHash: 'hash',
      previousKeyHash: 'hash before',
      seen: 'seen',
    })
    await storage.grants.create(record)
    await storage.grants.revoke(record.id, 'limit', now, { keepUntil: now + HOUR, by: randomId() })
    await storage.values.stash('key', 'value', now + HOUR)
    await storage.clients.save({ id: 'client', revision: 0, data: '{}' }, null)
    for (const name of Object.values(MODELS)) {
      const model = connection.model(name)
      const raw = await model.collection.findOne({})
      expect(raw).not.toBeNull()
      expect((await model.findOne())?.toObject()).toEqual(raw)
      expect(await model.findOne().lean()).toEqual(raw)
    }
  })

  it('build no index and no collection by themselves', async () => {
    expect(new MongooseStorage({ connection, models: MODELS })).toBeDefined()
    for (const name of Object.values(MODELS)) await connection.model(name).init()
    expect(await collectionNames()).toEqual([])
  })

  it("declare the indexes, so that the app's syncIndexes() drops none", async () => {
    const storage = new MongooseStorage({ connection, models: MODELS })
    await storage.init()
    expect(await connection.model('OAuthGrant').diffIndexes()).toEqual({ toDrop: [], toCreate: [] })
    expect(await connection.model('OAuthValue').diffIndexes()).toEqual({ toDrop: [], toCreate: [] })
  })

  it('take no name that belongs to another collection', () => {
    connection.model('OAuthGrant', new connection.base.Schema({}, { collection: 'of_the_app' }))
    expect(() => new MongooseStorage({ connection, models: MODELS })).toThrow(
      'The connection has a model OAuthGrant for the collection of_the_app: choose another name in `models`',
    )
  })
})

describe('options that make no sense are refused when the storage is made', () => {
  it.each([
    ['no connection', { connection: undefined }, '`connection` is a mongoose Connection'],
    ['unacknowledged writes', { writeConcern: { w: 0 } }, '`writeConcern.w` must not be 0'],
    ['a time limit of nothing', { timeoutMs: 0 }, '`timeoutMs` is a whole number'],
    ['one collection for two', { collections: { grants: 'all', values: 'all' } }, 'a collection each'],
  ])('%s', (_name, options, message) => {
    const given: unknown = { connection, ...options }
    expect(() => new MongooseStorage(given as { connection: Connection })).toThrow(TypeError)
    expect(() => new MongooseStorage(given as { connection: Connection })).toThrow(message)
  })
})
