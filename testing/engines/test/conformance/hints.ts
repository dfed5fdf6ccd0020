import { failureOf, freshCollection, type Fixture, type Row } from './fixture.js'
import type { mongo } from 'mongoose'

const NO_SUCH_INDEX = {
  code: 2,
  message: expect.stringContaining('hint provided does not correspond to an existing index') as string,
}

export function hintConformance(fixture: () => Fixture): void {
  const filled = async (): Promise<mongo.Collection<Row>> => {
    const collection = freshCollection(fixture())
    await collection.insertMany([{ _id: 1, a: 1 }, { _id: 2 }])
    await collection.createIndex({ a: 1 }, { name: 'by_a' })
    return collection
  }

  it('is an index by its name or by its key, or none', async () => {
    const collection = await filled()
    for (const hint of ['by_a', { a: 1 }, '_id_', { $natural: 1 }, {}])
      expect(await collection.find({ a: 1 }, { hint }).toArray()).toEqual([{ _id: 1, a: 1 }])
  })

  it('is refused where there is no such index', async () => {
    const collection = await filled()
    const hint = { a: -1 }
    expect(await failureOf(collection.find({}, { hint }).toArray())).toMatchObject(NO_SUCH_INDEX)
    expect(await failureOf(collection.find({}, { hint: 'by_b' }).toArray())).toMatchObject(NO_SUCH_INDEX)
    expect(await failureOf(collection.aggregate([], { hint }).toArray())).toMatchObject(NO_SUCH_INDEX)
    expect(await failureOf(collection.updateOne({}, { $set: { b: 1 } }, { hint }))).toMatchObject(
      NO_SUCH_INDEX,
    )
    expect(await failureOf(collection.deleteOne({}, { hint }))).toMatchObject(NO_SUCH_INDEX)
    expect(await failureOf(collection.findOneAndUpdate({}, { $set: { b: 1 } }, { hint }))).toMatchObject(
      NO_SUCH_INDEX,
    )
    expect(await collection.find({}).toArray()).toEqual([{ _id: 1, a: 1 }, { _id: 2 }])
  })

  it('hides what a sparse index does not have', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany([{ _id: 1, a: 1 }, { _id: 2 }])
    await collection.createIndex({ a: 1 }, { sparse: true })
    expect(await collection.find({}, { hint: { a: 1 } }).toArray()).toEqual([{ _id: 1, a: 1 }])
    expect(await collection.find({}).toArray()).toHaveLength(2)
  })

  it('asks nothing of a collection that is not there', async () => {
    expect(await freshCollection(fixture()).find({}, { hint: 'by_a' }).toArray()).toEqual([])
  })

  it('is ambiguous by a key that several indexes have', async () => {
    const collection = await filled()
    await collection.createIndex({ a: 1 }, { name: 'live', partialFilterExpression: { live: true } })
    expect(await failureOf(collection.find({}, { hint: { a: 1 } }).toArray())).toMatchObject({ code: 27 })
    expect(await collection.find({ a: 1 }, { hint: 'by_a' }).toArray()).toHaveLength(1)
  })
}
