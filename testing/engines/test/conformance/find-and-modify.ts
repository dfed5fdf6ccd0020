import { failureOf, freshCollection, type Fixture } from './fixture.js'

export function findAndModifyConformance(fixture: () => Fixture): void {
  it('answers the document before or after, projected', async () => {
    const collection = freshCollection(fixture())
    await collection.insertOne({ _id: 1, n: 0, other: 'x' })
    const bump = { $inc: { n: 1 } }
    expect(await collection.findOneAndUpdate({ _id: 1 }, bump)).toEqual({ _id: 1, n: 0, other: 'x' })
    expect(
      await collection.findOneAndUpdate({ _id: 1 }, bump, { returnDocument: 'after', projection: { n: 1 } }),
    ).toEqual({
      _id: 1,
      n: 2,
    })
    expect(await collection.findOneAndUpdate({ _id: 2 }, bump)).toBeNull()
  })

  it('tells what it did', async () => {
    const collection = freshCollection(fixture())
    const upsert = { upsert: true, returnDocument: 'after', includeResultMetadata: true } as const
    expect(await collection.findOneAndUpdate({ _id: 'a' }, { $set: { n: 1 } }, upsert)).toMatchObject({
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 'a' },
      value: { _id: 'a', n: 1 },
    })
    expect(await collection.findOneAndUpdate({ _id: 'a' }, { $set: { n: 2 } }, upsert)).toMatchObject({
      lastErrorObject: { n: 1, updatedExisting: true },
      value: { _id: 'a', n: 2 },
    })
    expect(
      await collection.findOneAndUpdate({ _id: 'b' }, { $set: { n: 2 } }, { includeResultMetadata: true }),
    ).toMatchObject({ lastErrorObject: { n: 0, updatedExisting: false }, value: null })
    expect(await collection.findOneAndDelete({ _id: 'a' }, { includeResultMetadata: true })).toMatchObject({
      lastErrorObject: { n: 1 },
      value: { _id: 'a', n: 2 },
    })
    expect(await collection.countDocuments({})).toBe(0)
  })

  it('takes the first of the sort order', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany([
      { _id: 1, at: 3 },
      { _id: 2, at: 1 },
      { _id: 3, at: 2 },
    ])
    expect(await collection.findOneAndDelete({}, { sort: { at: 1 } })).toEqual({ _id: 2, at: 1 })
    expect(await collection.findOneAndUpdate({}, { $set: { x: 1 } }, { sort: { at: -1 } })).toEqual({
      _id: 1,
      at: 3,
    })
  })

  it('lets one of 64 equal conditional updates win', async () => {
    const collection = freshCollection(fixture())
    await collection.insertOne({ _id: 'grant', generation: 1, winner: null })
    const turns = Array.from({ length: 64 }, (_, i) =>
      collection.findOneAndUpdate(
        { _id: 'grant', generation: 1 },
        { $inc: { generation: 1 }, $set: { winner: i } },
        { returnDocument: 'after' },
      ),
    )
    const won = (await Promise.all(turns)).filter((document) => document !== null)
    expect(won).toHaveLength(1)
    expect(await collection.findOne({})).toEqual(won[0])
    expect(won[0]).toMatchObject({ generation: 2 })
  })

  it('makes one document of 32 equal upserts', async () => {
    const collection = freshCollection(fixture())
    await collection.createIndex({ key: 1 }, { unique: true })
    const upserts = Array.from({ length: 32 }, () =>
      collection.updateOne({ key: 'k' }, { $inc: { n: 1 } }, { upsert: true }),
    )
    const results = await Promise.allSettled(upserts)
    const done = results.filter(({ status }) => status === 'fulfilled')
    // A server may tell some of those who lost the race that somebody was first, and must then have done nothing.
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 11000 })
    expect(await collection.find({}, { projection: { _id: 0 } }).toArray()).toEqual([
      { key: 'k', n: done.length },
    ])
  })

  it('fails as a whole where it would double a key', async () => {
    const collection = freshCollection(fixture())
    await collection.createIndex({ name: 1 }, { unique: true })
    await collection.insertMany([
      { _id: 1, name: 'x' },
      { _id: 2, name: 'y' },
    ])
    expect(
      await failureOf(collection.findOneAndUpdate({ _id: 2 }, { $set: { name: 'x', z: 1 } })),
    ).toMatchObject({
      code: 11000,
      codeName: 'DuplicateKey',
      keyPattern: { name: 1 },
      keyValue: { name: 'x' },
    })
    expect(await collection.findOne({ _id: 2 })).toEqual({ _id: 2, name: 'y' })
  })
}
