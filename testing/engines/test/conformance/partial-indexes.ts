import type { mongo } from 'mongoose'
import { waitUntil } from '../../src/index.js'
import { createIndex, failureOf, freshCollection, type Fixture } from './fixture.js'

const TTL_WAIT_MS = 90_000

export function partialIndexConformance(fixture: () => Fixture): void {
  const plain = (): mongo.Collection => fixture().db.collection(freshCollection(fixture()).collectionName)
  const create = (collection: mongo.Collection, index: mongo.Document): Promise<mongo.Document> =>
    createIndex(fixture(), collection, index)
  const named = (collection: mongo.Collection, name: string, filter: unknown): Promise<mongo.Document> =>
    create(collection, { key: { a: 1 }, name, partialFilterExpression: filter })

  it('lists a filter as it was given', async () => {
    const collection = plain()
    const filter = { live: true, n: { $gt: 0, $lte: 9 }, at: { $exists: true } }
    await named(collection, 'partial', filter)
    const [, listed] = await collection.listIndexes().toArray()
    expect(listed).toEqual({ v: 2, key: { a: 1 }, name: 'partial', partialFilterExpression: filter })
  })

  it.each([
    ['$ne', { a: { $ne: 1 } }],
    ['$exists: false', { a: { $exists: false } }],
    ['$not', { a: { $not: { $gt: 1 } } }],
    ['$nin', { a: { $nin: [1] } }],
    ['$nor', { $nor: [{ a: 1 }] }],
    ['a regular expression', { a: /x/ }],
    ['$mod', { a: { $mod: [2, 0] } }],
    ['$elemMatch', { a: { $elemMatch: { $gt: 1 } } }],
    ['$ne below $and', { $and: [{ b: 1 }, { a: { $ne: 1 } }] }],
  ])('refuses %s in a filter', async (_what, filter) => {
    expect(await failureOf(named(plain(), 'partial', filter))).toMatchObject({
      code: 67,
      codeName: 'CannotCreateIndex',
      message: expect.stringContaining('Expression not supported in partial index: ') as string,
    })
  })

  it('calls a negation by the name of what it negates', async () => {
    const failure = await failureOf(named(plain(), 'partial', { gone: { $exists: false } }))
    expect(failure).toMatchObject({
      message: expect.stringContaining('Expression not supported in partial index: $not') as string,
    })
  })

  it('takes comparisons, $exists, $type, and null for what is not there', async () => {
    const collection = plain()
    const filter = { a: { $gte: 1, $lt: 5 }, b: { $type: 'string' }, c: { $exists: true }, d: null }
    expect(await named(collection, 'partial', filter)).toMatchObject({ ok: 1, numIndexesAfter: 2 })
  })

  it('refuses a filter that is no document, has an operator nobody knows, or stands beside sparse', async () => {
    const collection = plain()
    expect(await failureOf(named(collection, 'partial', 'live'))).toMatchObject({ code: 14 })
    expect(await failureOf(named(collection, 'partial', { a: { $polish: 1 } }))).toMatchObject({ code: 2 })
    const both = { key: { a: 1 }, name: 'both', sparse: true, partialFilterExpression: { live: true } }
    expect(await failureOf(create(collection, both))).toMatchObject({ code: 67 })
  })

  it('leaves an index alone whose filter says the same in other words', async () => {
    const collection = plain()
    await named(collection, 'partial', { live: true, n: { $gt: 0 } })
    for (const same of [
      { n: { $gt: 0 }, live: true },
      { live: { $eq: true }, n: { $gt: 0 } },
      { $and: [{ n: { $gt: 0 } }, { live: true }] },
    ])
      expect(await named(collection, 'partial', same)).toMatchObject({ numIndexesAfter: 2, ok: 1 })
  })

  it('takes another filter for another index: by another name it is built beside, by the same name refused', async () => {
    const collection = plain()
    await create(collection, { key: { a: 1 }, name: 'full' })
    await named(collection, 'live', { live: true })
    expect(await named(collection, 'dead', { live: false })).toMatchObject({ numIndexesAfter: 4 })
    for (const other of [
      { key: { a: 1 }, name: 'live', partialFilterExpression: { live: false } },
      { key: { a: 1 }, name: 'live' },
      { key: { a: -1 }, name: 'live', partialFilterExpression: { live: true } },
      { key: { a: 1 }, name: 'full', partialFilterExpression: { live: true } },
    ])
      expect(await failureOf(create(collection, other))).toMatchObject({
        code: 86,
        codeName: 'IndexKeySpecsConflict',
      })
    expect(await failureOf(named(collection, 'again', { live: true }))).toMatchObject({
      code: 85,
      codeName: 'IndexOptionsConflict',
    })
  })

  it('refuses the same filter with another time to live', async () => {
    const collection = plain()
    const index = { key: { at: 1 }, name: 'at', partialFilterExpression: { live: true } }
    await create(collection, { ...index, expireAfterSeconds: 60 })
    expect(await create(collection, { ...index, expireAfterSeconds: 60 })).toMatchObject({ ok: 1 })
    for (const other of [{ ...index, expireAfterSeconds: 0 }, index, { ...index, name: 'other' }])
      expect(await failureOf(create(collection, other))).toMatchObject({ code: 85 })
  })

  it('follows a document into the index and out of it', async () => {
    const collection = freshCollection(fixture())
    await collection.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { live: true } })
    await collection.insertMany([
      { _id: 1, a: 1, live: true },
      { _id: 2, a: 1 },
    ])
    const enter = { $set: { live: true } }
    expect(await failureOf(collection.updateOne({ _id: 2 }, enter))).toMatchObject({ code: 11000 })
    await collection.updateOne({ _id: 1 }, { $unset: { live: 1 } })
    await collection.updateOne({ _id: 2 }, enter)
    expect(await failureOf(collection.insertOne({ _id: 3, a: 1, live: true }))).toMatchObject({ code: 11000 })
  })

  it('is ambiguous by its key where several have that', async () => {
    const collection = plain()
    await named(collection, 'live', { live: true })
    await named(collection, 'dead', { live: false })
    const drop = fixture().db.command({ dropIndexes: collection.collectionName, index: { a: 1 } })
    expect(await failureOf(drop)).toMatchObject({ code: 181, codeName: 'AmbiguousIndexKeyPattern' })
    await collection.dropIndex('live')
    expect((await collection.indexes()).map(({ name }) => name)).toEqual(['_id_', 'dead'])
  })

  it(
    'removes by its time to live only what its filter takes in',
    async () => {
      await fixture().db.admin().command({ setParameter: 1, ttlMonitorSleepSecs: 1 })
      const collection = freshCollection(fixture())
      await collection.createIndex(
        { at: 1 },
        { expireAfterSeconds: 0, partialFilterExpression: { live: false } },
      )
      const at = new Date(Date.now() - 1000)
      await collection.insertMany([
        { _id: 'dead', at, live: false },
        { _id: 'live', at, live: true },
        { _id: 'neither', at },
      ])
      await waitUntil('the expired is gone', async () => (await collection.countDocuments({})) < 3, {
        timeoutMs: TTL_WAIT_MS,
        everyMs: 100,
      })
      expect((await collection.find({}).toArray()).map(({ _id }) => _id)).toEqual(['live', 'neither'])
    },
    TTL_WAIT_MS + 10_000,
  )
}
