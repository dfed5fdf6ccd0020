import type { mongo } from 'mongoose'
import { waitUntil } from '../../src/index.js'
import { createIndex, failureOf, freshCollection, type Fixture } from './fixture.js'

const TTL_WAIT_MS = 90_000

export function indexConformance(fixture: () => Fixture): void {
  const create = (collection: mongo.Collection, index: mongo.Document): Promise<mongo.Document> =>
    createIndex(fixture(), collection, index)
  const plain = (): mongo.Collection => fixture().db.collection(freshCollection(fixture()).collectionName)

  it('refuses a second document with the key of a unique index', async () => {
    const collection = plain()
    await collection.createIndex({ name: 1 }, { unique: true })
    await collection.insertOne({ name: 'x' })
    const failure = await failureOf(collection.insertOne({ name: 'x' }))
    expect(failure).toMatchObject({
      code: 11000,
      message: `E11000 duplicate key error collection: ${collection.namespace} index: name_1 dup key: { name: "x" }`,
      keyPattern: { name: 1 },
      keyValue: { name: 'x' },
    })
    await collection.insertOne({ name: 'y' })
    expect(await failureOf(collection.updateOne({ name: 'y' }, { $set: { name: 'x' } }))).toMatchObject({
      code: 11000,
    })
  })

  it('finds the same through an index as without one, before and after documents come, change and go', async () => {
    const [indexed, bare] = [plain(), plain()]
    await indexed.createIndex({ subject: 1, at: 1 }, { partialFilterExpression: { live: true } })
    const both = async (work: (collection: mongo.Collection) => Promise<unknown>): Promise<void> => {
      await work(indexed)
      await work(bare)
    }
    const rows = [
      { subject: 'a', live: true },
      { subject: 'b' },
      { subject: ['a', 'c'], live: true },
      { subject: null },
      {},
      { subject: 1 },
    ]
    await both((collection) =>
      collection.insertMany(rows.map((row, at) => ({ _id: at as never, at, ...row }))),
    )
    const filters = [
      { subject: 'a' },
      { subject: { $in: ['a', 'b'] } },
      { subject: { $in: ['a', null, 1] } },
      { $and: [{ subject: { $eq: 'c' } }, { at: { $gt: 0 } }] },
      { subject: { $in: [] } },
      { subject: { $ne: 'a' } },
    ]
    for (const change of [
      () => both(async () => undefined),
      () => both((collection) => collection.updateMany({ subject: 'a' }, { $set: { subject: 'b' } })),
      () => both((collection) => collection.deleteMany({ subject: 'b', live: true })),
      () => both((collection) => collection.insertOne({ _id: 'x' as never, subject: 'a' })),
    ]) {
      await change()
      for (const filter of filters) expect(await found(indexed, filter)).toEqual(await found(bare, filter))
    }
    expect(await found(indexed, { subject: { $in: ['a', 'b'] } })).toEqual([1, 'x'])
  })

  it('walks by _id in pages while documents come and go', async () => {
    const collection = plain()
    const page = async (after: string): Promise<unknown[]> =>
      (
        await collection
          .find({ _id: { $gt: after as never } })
          .sort({ _id: 1 })
          .limit(2)
          .toArray()
      ).map(({ _id }) => _id)
    await collection.insertMany(['d', 'b', 'e', 'a', 1].map((_id) => ({ _id: _id as never })))
    expect(await page('')).toEqual(['a', 'b'])
    await collection.insertOne({ _id: 'c' as never })
    await collection.deleteOne({ _id: 'd' as never })
    expect(await page('b')).toEqual(['c', 'e'])
    expect(await page('e')).toEqual([])
  })

  it('gives a key free when its document goes or changes', async () => {
    const collection = plain()
    await collection.createIndex({ name: 1 }, { unique: true })
    await collection.insertMany([{ name: 'x' }, { name: 'y' }])
    await collection.deleteOne({ name: 'x' })
    await collection.updateOne({ name: 'y' }, { $set: { name: 'z' } })
    await collection.insertMany([{ name: 'x' }, { name: 'y' }])
    expect(await collection.countDocuments({})).toBe(3)
  })

  it('counts a missing field as null unless the index is sparse or partial', async () => {
    const full = plain()
    await full.createIndex({ a: 1 }, { unique: true })
    await full.insertOne({})
    expect(await failureOf(full.insertOne({}))).toMatchObject({ code: 11000, keyValue: { a: null } })
    const sparse = plain()
    await sparse.createIndex({ a: 1 }, { unique: true, sparse: true })
    await sparse.insertMany([{}, {}, { a: 1 }])
    expect(await failureOf(sparse.insertOne({ a: 1 }))).toMatchObject({ code: 11000 })
    const partial = plain()
    await partial.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { live: true } })
    await partial.insertMany([{ a: 1 }, { a: 1 }, { a: 1, live: true }])
    expect(await failureOf(partial.insertOne({ a: 1, live: true }))).toMatchObject({ code: 11000 })
  })

  it('has keys of several fields, and one for each element of a list', async () => {
    const collection = plain()
    await collection.createIndex({ a: 1, b: -1 }, { unique: true })
    await collection.insertMany([
      { a: 1, b: 1 },
      { a: 1, b: 2 },
      { a: 2, b: [7, 8] },
    ])
    expect(await failureOf(collection.insertOne({ a: 1, b: 2 }))).toMatchObject({ keyValue: { a: 1, b: 2 } })
    expect(await failureOf(collection.insertOne({ a: 2, b: 8 }))).toMatchObject({ code: 11000 })
  })

  it('does not build a unique index over doubles', async () => {
    const collection = plain()
    await collection.insertMany([{ a: 1 }, { a: 1 }])
    expect(await failureOf(collection.createIndex({ a: 1 }, { unique: true }))).toMatchObject({ code: 11000 })
    expect(await collection.indexes()).toEqual([{ v: 2, key: { _id: 1 }, name: '_id_' }])
  })

  it('lists indexes with their options, and leaves an equal one alone', async () => {
    const collection = plain()
    const ttl = { key: { expiresAt: 1 }, name: 'ttl', expireAfterSeconds: 0 }
    expect(await create(collection, ttl)).toMatchObject({
      createdCollectionAutomatically: true,
      numIndexesBefore: 1,
      numIndexesAfter: 2,
      ok: 1,
    })
    expect(await create(collection, ttl)).toMatchObject({ numIndexesBefore: 2, numIndexesAfter: 2, ok: 1 })
    await create(collection, { key: { s: 1, _id: 1 }, name: 's', unique: true })
    expect(await collection.listIndexes().toArray()).toEqual([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { expiresAt: 1 }, name: 'ttl', expireAfterSeconds: 0 },
      { v: 2, key: { s: 1, _id: 1 }, name: 's', unique: true },
    ])
  })

  it('says what drifted: other options, another key, another name', async () => {
    const collection = plain()
    await create(collection, { key: { at: 1 }, name: 'at_1', expireAfterSeconds: 60 })
    expect(
      await failureOf(create(collection, { key: { at: 1 }, name: 'at_1', expireAfterSeconds: 0 })),
    ).toMatchObject({
      code: 85,
      codeName: 'IndexOptionsConflict',
    })
    expect(await failureOf(create(collection, { key: { at: -1 }, name: 'at_1' }))).toMatchObject({
      code: 86,
      codeName: 'IndexKeySpecsConflict',
    })
    expect(
      await failureOf(create(collection, { key: { at: 1 }, name: 'other', expireAfterSeconds: 60 })),
    ).toMatchObject({
      code: 85,
    })
    expect((await collection.indexes()).map(({ name }) => name)).toEqual(['_id_', 'at_1'])
  })

  it.each([
    ['a field that no index has', 197, { key: { a: 1 }, name: 'a', bogus: true }],
    ['no field in its key', 67, { key: {}, name: 'none' }],
    ['a direction of 0', 67, { key: { a: 0 }, name: 'a' }],
    ['a direction that is none', 67, { key: { a: true }, name: 'a' }],
    ['a kind that nobody knows', 67, { key: { a: 'polished' }, name: 'a' }],
    ['a name of no length', 67, { key: { a: 1 }, name: '' }],
    ['a time to live on two fields', 67, { key: { a: 1, b: 1 }, name: 'ab', expireAfterSeconds: 60 }],
    ['a time to live before birth', 67, { key: { a: 1 }, name: 'a', expireAfterSeconds: -1 }],
    ['a time to live on _id', 197, { key: { _id: 1 }, name: '_id_', expireAfterSeconds: 60 }],
    ['a filter on _id', 197, { key: { _id: 1 }, name: '_id_', partialFilterExpression: { a: 1 } }],
  ])('does not build an index with %s', async (_what, code, index) => {
    const collection = plain()
    await fixture().db.createCollection(collection.collectionName)
    expect(await failureOf(create(collection, index))).toMatchObject({ code })
    expect(await collection.indexes()).toHaveLength(1)
  })

  it('builds a hashed index on _id beside the one that is there', async () => {
    const collection = plain()
    await create(collection, { key: { _id: 'hashed' }, name: '_id_hashed' })
    expect((await collection.indexes()).map(({ key }) => key)).toEqual([{ _id: 1 }, { _id: 'hashed' }])
  })

  it('takes a hidden index for the same', async () => {
    const collection = plain()
    await create(collection, { key: { a: 1 }, name: 'a', hidden: true })
    expect(await create(collection, { key: { a: 1 }, name: 'a' })).toMatchObject({
      numIndexesAfter: 2,
      ok: 1,
    })
  })

  it('knows no indexes of a collection that is not there', async () => {
    expect(await failureOf(plain().indexes())).toMatchObject({ code: 26, codeName: 'NamespaceNotFound' })
  })

  it('drops indexes', async () => {
    const collection = plain()
    await collection.createIndex({ a: 1 }, { unique: true })
    await collection.dropIndex('a_1')
    await collection.insertMany([{ a: 1 }, { a: 1 }])
    expect(await failureOf(collection.dropIndex('a_1'))).toMatchObject({
      code: 27,
      codeName: 'IndexNotFound',
    })
  })

  it(
    'removes what a TTL index says has had its time, and nothing else',
    async () => {
      await fixture().db.admin().command({ setParameter: 1, ttlMonitorSleepSecs: 1 })
      const collection = freshCollection(fixture())
      await collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
      await collection.createIndex({ seenAt: 1 }, { expireAfterSeconds: 3600 })
      const now = Date.now()
      await collection.insertMany([
        { _id: 'past', expiresAt: new Date(now - 1000) },
        { _id: 'unseen', seenAt: new Date(now - 3_700_000) },
        { _id: 'future', expiresAt: new Date(now + 3_600_000), seenAt: new Date(now) },
        { _id: 'number', expiresAt: now - 1000 },
        { _id: 'none' },
      ])
      const left = async (): Promise<unknown[]> => (await collection.find({}).toArray()).map(({ _id }) => _id)
      await waitUntil('the expired are gone', async () => (await left()).length <= 3, {
        timeoutMs: TTL_WAIT_MS,
        everyMs: 100,
      })
      expect(await left()).toEqual(['future', 'number', 'none'])
    },
    TTL_WAIT_MS + 10_000,
  )
}

async function found(collection: mongo.Collection, filter: mongo.Document): Promise<unknown[]> {
  const documents = await collection.find(filter).sort({ _id: 1 }).toArray()
  return documents.map(({ _id }) => _id)
}
