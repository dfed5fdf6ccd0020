import { failureOf, freshCollection, type Fixture } from './fixture.js'

export function requestConformance(fixture: () => Fixture): void {
  const name = (): string => freshCollection(fixture()).collectionName
  const run = (command: object): Promise<unknown> => fixture().db.command({ ...command })

  it.each([
    ['find', { bogus: 1 }],
    ['count', { bogus: 1 }],
    ['aggregate', { pipeline: [], cursor: {}, bogus: 1 }],
    ['insert', { documents: [{}], bogus: 1 }],
    ['update', { updates: [{ q: {}, u: { $set: { a: 1 } } }], bogus: 1 }],
    ['update', { updates: [{ q: {}, u: { $set: { a: 1 } }, bogus: 1 }] }],
    ['delete', { deletes: [{ q: {}, limit: 1 }], bogus: 1 }],
    ['delete', { deletes: [{ q: {}, limit: 1, bogus: 1 }] }],
    ['findAndModify', { update: { $set: { a: 1 } }, bogus: 1 }],
    ['createIndexes', { indexes: [{ key: { a: 1 }, name: 'a' }], bogus: 1 }],
    ['listIndexes', { bogus: 1 }],
  ])('refuses a %s with a field that it does not know', async (command, fields) => {
    expect(await failureOf(run({ [command]: name(), ...fields }))).toMatchObject({
      code: 40415,
      message: expect.stringMatching(/BSON field '.*bogus' is an unknown field/) as string,
    })
  })

  it('refuses a findAndModify that says not what to do, or too much', async () => {
    const collection = name()
    for (const fields of [
      {},
      { remove: true, update: { $set: { a: 1 } } },
      { remove: true, new: true },
      { remove: true, upsert: true },
    ])
      expect(await failureOf(run({ findAndModify: collection, ...fields }))).toMatchObject({ code: 9 })
  })

  it('refuses a delete that says not of how many', async () => {
    expect(await failureOf(run({ delete: name(), deletes: [{ q: {} }] }))).toMatchObject({ code: 40414 })
    expect(await failureOf(run({ delete: name(), deletes: [{ q: {}, limit: 2 }] }))).toMatchObject({
      code: 9,
    })
  })

  it('refuses a write of nothing', async () => {
    expect(await failureOf(run({ insert: name(), documents: [] }))).toMatchObject({ code: 16 })
    expect(await failureOf(run({ update: name(), updates: [] }))).toMatchObject({ code: 16 })
    expect(await failureOf(run({ delete: name(), deletes: [] }))).toMatchObject({ code: 16 })
  })

  it('refuses an aggregation without a cursor', async () => {
    expect(await failureOf(run({ aggregate: name(), pipeline: [] }))).toMatchObject({ code: 9 })
  })

  it('knows one version of the stable API, and keeps a client to it that asks for that', async () => {
    const find = { find: name() }
    expect(
      await run({ ...find, apiVersion: '1', apiStrict: true, apiDeprecationErrors: true }),
    ).toMatchObject({
      ok: 1,
    })
    expect(await failureOf(run({ ...find, apiVersion: '3' }))).toMatchObject({ code: 322 })
    expect(await failureOf(run({ ...find, apiStrict: true }))).toMatchObject({ code: 4886600 })
    const strict = { distinct: name(), key: 'a', apiVersion: '1', apiStrict: true }
    expect(await failureOf(run(strict))).toMatchObject({ code: 323, codeName: 'APIStrictError' })
  })

  it('does a write whose concern has a name that the set does not know, and says so', async () => {
    const collection = freshCollection(fixture())
    const write = collection.insertOne({ _id: 1 }, { writeConcern: { w: 'nowhere' as 'majority' } })
    expect(await failureOf(write)).toMatchObject({ code: 79 })
    expect(await collection.countDocuments({})).toBe(1)
  })
}
