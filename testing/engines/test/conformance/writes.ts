import type { mongo } from 'mongoose'
import { waitUntil } from '../../src/index.js'
import { failureOf, freshCollection, type Fixture, type Row } from './fixture.js'

export function writeConformance(fixture: () => Fixture): void {
  const one = async (row: Row): Promise<mongo.Collection<Row>> => {
    const collection = freshCollection(fixture())
    await collection.insertOne(row)
    return collection
  }
  const after = async (row: Row, update: mongo.Document, options?: mongo.UpdateOptions): Promise<string> => {
    const collection = await one(row)
    await collection.updateOne({ _id: 1 }, update, options)
    return JSON.stringify(await collection.findOne({ _id: 1 }))
  }
  const refusal = async (row: Row, update: mongo.Document): Promise<unknown> => {
    const collection = await one(row)
    const failure = await failureOf(collection.updateOne({ _id: 1 }, update))
    expect(await collection.findOne({ _id: 1 })).toEqual(row)
    return failure
  }

  it('stores _id first', async () => {
    const collection = freshCollection(fixture())
    await collection.insertOne({ b: 1, _id: 'x', a: 2 })
    expect(JSON.stringify(await collection.findOne({}))).toBe('{"_id":"x","b":1,"a":2}')
  })

  it('ends an ordered batch at its first error and finishes an unordered one', async () => {
    const collection = await one({ _id: 2 })
    const rows = [{ _id: 1 }, { _id: 2 }, { _id: 3 }]
    expect(await failureOf(collection.insertMany(rows))).toMatchObject({
      code: 11000,
      insertedCount: 1,
      writeErrors: [{ index: 1, code: 11000 }],
    })
    expect(await collection.countDocuments({})).toBe(2)
    const more = [{ _id: 2 }, { _id: 3 }, { _id: 1 }, { _id: 4 }]
    expect(await failureOf(collection.insertMany(more, { ordered: false }))).toMatchObject({
      insertedCount: 2,
      writeErrors: [{ index: 0 }, { index: 2 }],
    })
    expect(await collection.countDocuments({})).toBe(4)
  })

  it('tells what was matched and what was modified', async () => {
    const collection = await one({ _id: 1, a: 1 })
    expect(await collection.updateOne({ _id: 1 }, { $set: { a: 2 } })).toEqual({
      acknowledged: true,
      matchedCount: 1,
      modifiedCount: 1,
      upsertedCount: 0,
      upsertedId: null,
    })
    expect(await collection.updateOne({ _id: 1 }, { $set: { a: 2 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    })
    expect(await collection.updateOne({ _id: 2 }, { $set: { a: 2 } })).toMatchObject({ matchedCount: 0 })
  })

  it('has the update operators', async () => {
    expect(await after({ _id: 1, a: 1 }, { $set: { 'm.x': 1 }, $inc: { a: 2 } })).toBe(
      '{"_id":1,"a":3,"m":{"x":1}}',
    )
    expect(await after({ _id: 1, a: 1, b: 2 }, { $unset: { a: '' } })).toBe('{"_id":1,"b":2}')
    expect(await after({ _id: 1, a: 5, b: 5 }, { $min: { a: 3, c: 1 }, $max: { b: 3 } })).toBe(
      '{"_id":1,"a":3,"b":5,"c":1}',
    )
    expect(await after({ _id: 1, a: 2 }, { $mul: { a: 3 } })).toBe('{"_id":1,"a":6}')
    expect(await after({ _id: 1, a: 2 }, { $rename: { a: 'b' } })).toBe('{"_id":1,"b":2}')
    expect(await after({ _id: 1, t: [1] }, { $push: { t: 2 } })).toBe('{"_id":1,"t":[1,2]}')
    expect(await after({ _id: 1, t: [3] }, { $push: { t: { $each: [1, 2], $slice: -2 } } })).toBe(
      '{"_id":1,"t":[1,2]}',
    )
    expect(await after({ _id: 1, t: [1] }, { $addToSet: { t: 1 } })).toBe('{"_id":1,"t":[1]}')
    expect(await after({ _id: 1, t: [1, 2, 1] }, { $pull: { t: 1 } })).toBe('{"_id":1,"t":[2]}')
    expect(await after({ _id: 1, t: [1, 2] }, { $pop: { t: -1 } })).toBe('{"_id":1,"t":[2]}')
    expect(
      await after(
        { _id: 1, t: [1, 5] },
        { $set: { 't.$[big]': 9 } },
        { arrayFilters: [{ big: { $gt: 2 } }] },
      ),
    ).toBe('{"_id":1,"t":[1,9]}')
  })

  it('updates the element that the filter matched', async () => {
    const collection = await one({
      _id: 1,
      t: [
        { k: 1, v: 1 },
        { k: 2, v: 1 },
      ],
    })
    await collection.updateOne({ _id: 1, 't.k': 2 }, { $set: { 't.$.v': 7 } })
    expect(await collection.findOne({})).toEqual({
      _id: 1,
      t: [
        { k: 1, v: 1 },
        { k: 2, v: 7 },
      ],
    })
  })

  it('adds new fields in the order of their names', async () => {
    expect(await after({ _id: 1 }, { $set: { z: 1, b: 1 }, $inc: { a: 1 } })).toBe(
      '{"_id":1,"a":1,"b":1,"z":1}',
    )
  })

  it('refuses what cannot be done, and does nothing of it', async () => {
    expect(await refusal({ _id: 1, a: 'x' }, { $set: { b: 1 }, $inc: { a: 1 } })).toMatchObject({ code: 14 })
    expect(await refusal({ _id: 1 }, { $set: { a: 1 }, $inc: { a: 1 } })).toMatchObject({ code: 40 })
    expect(await refusal({ _id: 1 }, { $set: { a: 1, 'a.b': 1 } })).toMatchObject({ code: 40 })
    expect(await refusal({ _id: 1 }, { $set: { _id: 2 } })).toMatchObject({ code: 66 })
    expect(await refusal({ _id: 1 }, { $polish: { a: 1 } })).toMatchObject({ code: 9 })
    expect(await refusal({ _id: 1, a: 5 }, { $set: { 'a.b': 1 } })).toMatchObject({ code: 28 })
    expect(await refusal({ _id: 1, a: 5 }, { $push: { a: 1 } })).toMatchObject({ code: 2 })
  })

  it('makes the document of an upsert from the filter and the update', async () => {
    const collection = freshCollection(fixture())
    const result = await collection.updateOne(
      { _id: 'u', kind: 'a', n: { $gt: 3 }, 'm.x': { $eq: 1 } },
      { $set: { y: 1 }, $setOnInsert: { created: true } },
      { upsert: true },
    )
    expect(result).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 'u' })
    expect(await collection.findOne({})).toEqual({ _id: 'u', kind: 'a', m: { x: 1 }, created: true, y: 1 })
    await collection.updateOne(
      { _id: 'u' },
      { $set: { y: 2 }, $setOnInsert: { created: false } },
      { upsert: true },
    )
    expect(await collection.findOne({})).toEqual({ _id: 'u', kind: 'a', m: { x: 1 }, created: true, y: 2 })
  })

  it('replaces a document and keeps its _id', async () => {
    const collection = await one({ _id: 1, a: 1, b: 2 })
    expect(await collection.replaceOne({ a: 1 }, { c: 3 })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    })
    expect(await collection.findOne({})).toEqual({ _id: 1, c: 3 })
  })

  it('updates and deletes many', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
      { _id: 3, a: 2 },
    ])
    expect(await collection.updateMany({}, { $set: { a: 2 } })).toMatchObject({
      matchedCount: 3,
      modifiedCount: 2,
    })
    expect(await collection.deleteOne({ a: 2 })).toEqual({ acknowledged: true, deletedCount: 1 })
    expect(await collection.deleteMany({ a: 2 })).toEqual({ acknowledged: true, deletedCount: 2 })
  })

  it('writes several in one command', async () => {
    const collection = await one({ _id: 1, n: 0 })
    const result = await collection.bulkWrite([
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { _id: 2 }, update: { $inc: { n: 1 } }, upsert: true } },
      { deleteOne: { filter: { _id: 3 } } },
    ])
    expect(result).toMatchObject({ matchedCount: 1, modifiedCount: 1, upsertedCount: 1, deletedCount: 0 })
    expect(result.upsertedIds).toEqual({ 1: 2 })
  })

  it('does an unacknowledged write', async () => {
    const collection = freshCollection(fixture())
    const result = await collection.insertOne({ _id: 1 }, { writeConcern: { w: 0 } })
    expect(result.acknowledged).toBe(false)
    // Sent on one of several connections: only the sight of it shows that it arrived.
    await waitUntil('the write arrived', async () => (await collection.countDocuments({})) === 1)
  })

  it('does what it was told, and says that too few members have it', async () => {
    const collection = freshCollection(fixture())
    const write = collection.insertOne({ _id: 1 }, { writeConcern: { w: 50, wtimeoutMS: 1000 } })
    expect(await failureOf(write)).toMatchObject({ code: 100 })
    expect(await collection.countDocuments({})).toBe(1)
  })
}
