import { mongo } from 'mongoose'
import { failureOf, freshCollection, type Fixture } from './fixture.js'

export function readConformance(fixture: () => Fixture): void {
  const ids = async (filter: mongo.Document, rows: mongo.Document[]): Promise<unknown[]> => {
    const collection = freshCollection(fixture())
    await collection.insertMany(rows.map((row, i) => ({ _id: i, ...row })))
    const found = await collection.find(filter).sort({ _id: 1 }).toArray()
    return found.map(({ _id }) => _id)
  }

  it('introduces itself as the primary of a replica set with sessions', async () => {
    const hello = await fixture().db.admin().command({ hello: 1 })
    expect(hello).toMatchObject({ isWritablePrimary: true, logicalSessionTimeoutMinutes: 30, ok: 1 })
    expect(hello['setName']).toEqual(expect.any(String))
    expect(hello['maxWireVersion']).toBeGreaterThanOrEqual(9)
  })

  it('answers ping', async () => {
    expect(await fixture().db.command({ ping: 1 })).toMatchObject({ ok: 1 })
  })

  it('refuses a command that it does not know', async () => {
    expect(await failureOf(fixture().db.command({ makeCoffee: 1 }))).toMatchObject({
      code: 59,
      codeName: 'CommandNotFound',
    })
  })

  it('finds by equality, a missing field being like null', async () => {
    const rows = [{ a: 1 }, { a: null }, {}, { a: 'x' }, { a: [1, 2] }]
    expect(await ids({ a: 1 }, rows)).toEqual([0, 4])
    expect(await ids({ a: null }, rows)).toEqual([1, 2])
    expect(await ids({ a: { $ne: null } }, rows)).toEqual([0, 3, 4])
    expect(await ids({ a: { $exists: false } }, rows)).toEqual([2])
  })

  it('compares within a type only', async () => {
    const rows = [{ a: 5 }, { a: '5' }, { a: new Date(5) }, { a: null }, {}]
    expect(await ids({ a: { $gt: 1 } }, rows)).toEqual([0])
    expect(await ids({ a: { $gt: new Date(1) } }, rows)).toEqual([2])
    expect(await ids({ a: { $lte: '5' } }, rows)).toEqual([1])
  })

  it('finds with $in, $nin, $or, $and, $not, $regex, $elemMatch and $expr', async () => {
    const rows = [
      { a: 'one', n: [{ k: 1, v: 2 }], x: 1, y: 1 },
      { a: 'two', n: [{ k: 1 }, { v: 2 }], x: 1, y: 2 },
    ]
    expect(await ids({ a: { $in: ['two', 'three'] } }, rows)).toEqual([1])
    expect(await ids({ a: { $nin: ['two'] } }, rows)).toEqual([0])
    expect(await ids({ $or: [{ a: 'one' }, { y: 2 }] }, rows)).toEqual([0, 1])
    expect(await ids({ $and: [{ a: 'one' }, { y: 2 }] }, rows)).toEqual([])
    expect(await ids({ a: { $not: { $eq: 'one' } } }, rows)).toEqual([1])
    expect(await ids({ a: /^ON/i }, rows)).toEqual([0])
    expect(await ids({ n: { $elemMatch: { k: 1, v: 2 } } }, rows)).toEqual([0])
    expect(await ids({ $expr: { $lt: ['$x', '$y'] } }, rows)).toEqual([1])
  })

  it('tells bytes apart that are no text', async () => {
    const rows = [{ b: Buffer.from([0xff, 0xfe]) }, { b: Buffer.from([0xff, 0xfd]) }]
    expect(await ids({ b: Buffer.from([0xff, 0xfd]) }, rows)).toEqual([1])
    expect(await ids({ b: { $in: [Buffer.from([0xff, 0xfe])] } }, rows)).toEqual([0])
  })

  it('gives back values of every type as they came, in the order of the fields', async () => {
    const collection = freshCollection(fixture())
    const row = {
      _id: 'types',
      z: 1.5,
      a: 7,
      big: mongo.Long.fromString('9007199254740995'),
      date: new Date(1_700_000_000_123),
      bytes: new mongo.Binary(Buffer.from([0, 255, 1])),
      id: new mongo.ObjectId('0123456789abcdef01234567'),
      nothing: null,
      yes: true,
      nested: { y: [1, { x: 'ü' }], b: {} },
    }
    await collection.insertOne(row)
    const found = await collection.findOne({ _id: 'types' })
    expect(Object.keys(found ?? {})).toEqual(Object.keys(row))
    expect(found).toEqual(row)
  })

  it('sorts by several keys, null and missing first', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany([
      { _id: 1, a: 2, b: 'x' },
      { _id: 2, a: 1, b: 'y' },
      { _id: 3, a: 2, b: 'a' },
      { _id: 4, b: 'z' },
      { _id: 5, a: 'text' },
    ])
    const order = async (sort: mongo.Sort): Promise<unknown[]> =>
      (await collection.find({}, { sort }).toArray()).map(({ _id }) => _id)
    expect(await order({ a: 1, b: 1 })).toEqual([4, 2, 3, 1, 5])
    expect(await order({ a: -1, b: -1 })).toEqual([5, 1, 3, 2, 4])
  })

  it('pages with skip and limit, and in batches', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany(Array.from({ length: 7 }, (_, _id) => ({ _id })))
    const page = await collection.find({}).sort({ _id: 1 }).skip(2).limit(3).toArray()
    expect(page).toEqual([{ _id: 2 }, { _id: 3 }, { _id: 4 }])
    expect(await collection.find({}).sort({ _id: -1 }).batchSize(2).toArray()).toEqual(
      [6, 5, 4, 3, 2, 1, 0].map((_id) => ({ _id })),
    )
  })

  it('forgets a cursor that is closed', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany(Array.from({ length: 7 }, (_, _id) => ({ _id })))
    const cursor = collection.find({}).batchSize(2)
    await cursor.next()
    const { id } = cursor
    await cursor.close()
    expect(
      await failureOf(fixture().db.command({ getMore: id, collection: collection.collectionName })),
    ).toMatchObject({ code: 43, codeName: 'CursorNotFound' })
  })

  it('projects in the order of the document, inclusions and exclusions', async () => {
    const collection = freshCollection(fixture())
    await collection.insertOne({ _id: 1, c: 3, a: { x: 1, y: 2 }, b: [{ k: 1, v: 2 }] })
    const show = async (projection: mongo.Document): Promise<string> =>
      JSON.stringify(await collection.findOne({ _id: 1 }, { projection }))
    expect(await show({ a: 1, c: 1 })).toBe('{"_id":1,"c":3,"a":{"x":1,"y":2}}')
    expect(await show({ 'a.y': 1, 'b.v': 1, _id: 0 })).toBe('{"a":{"y":2},"b":[{"v":2}]}')
    expect(await show({ a: 0, 'b.k': 0 })).toBe('{"_id":1,"c":3,"b":[{"v":2}]}')
  })

  it('counts, tells distinct values and aggregates', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany([
      { _id: 1, kind: 'a', n: 1 },
      { _id: 2, kind: 'b', n: 2 },
      { _id: 3, kind: 'a', n: 4 },
    ])
    expect(await collection.countDocuments({ kind: 'a' })).toBe(2)
    expect(await collection.estimatedDocumentCount()).toBe(3)
    expect(new Set(await collection.distinct('kind'))).toEqual(new Set(['a', 'b']))
    const groups = await collection
      .aggregate([
        { $match: { n: { $gt: 0 } } },
        { $group: { _id: '$kind', total: { $sum: '$n' }, most: { $max: '$n' }, least: { $min: '$n' } } },
        { $sort: { _id: 1 } },
        { $limit: 5 },
      ])
      .toArray()
    expect(groups).toEqual([
      { _id: 'a', total: 5, most: 4, least: 1 },
      { _id: 'b', total: 2, most: 2, least: 2 },
    ])
    expect(await collection.aggregate([{ $match: { kind: 'a' } }, { $count: 'n' }]).toArray()).toEqual([
      { n: 2 },
    ])
    expect(await failureOf(collection.aggregate([{ $nonsense: {} }]).toArray())).toMatchObject({
      code: 40324,
    })
  })

  it('counts the commands that it was sent', async () => {
    const collection = freshCollection(fixture())
    const count = async (): Promise<number> => {
      const status = await fixture().db.admin().command({ serverStatus: 1 })
      return Number(status['metrics'].commands.findAndModify?.total ?? 0)
    }
    const before = await count()
    await collection.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }, { upsert: true })
    expect((await count()) - before).toBe(1)
  })

  it('lists collections and drops them', async () => {
    const collection = freshCollection(fixture())
    const { collectionName: name } = collection
    await fixture().db.createCollection(name)
    const list = (): Promise<unknown[]> =>
      fixture().db.listCollections({ name }, { nameOnly: true }).toArray()
    expect(await list()).toEqual([{ name, type: 'collection' }])
    expect(await collection.drop()).toBe(true)
    expect(await list()).toEqual([])
  })
}
