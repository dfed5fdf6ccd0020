import mongoose from 'mongoose'
import { failureOf, type Fixture } from './fixture.js'

interface Grant {
  _id: string
  generation: number
  nonce: string
  previousNonce?: string
  expiresAt: Date
}

const schema = new mongoose.Schema<Grant>(
  { _id: String, generation: Number, nonce: String, previousNonce: String, expiresAt: Date },
  { versionKey: false, autoIndex: false, autoCreate: false },
)
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 })

export function mongooseConformance(fixture: () => Fixture): void {
  let connection: mongoose.Connection
  let models = 0

  beforeAll(async () => {
    connection = await mongoose
      .createConnection(fixture().url, { dbName: fixture().db.databaseName, bufferCommands: false })
      .asPromise()
  })

  afterAll(async () => {
    await connection.close()
  })

  const freshModel = (): mongoose.Model<Grant> => {
    models += 1
    return connection.model<Grant>(`Grant${models}`, schema, `grants${models}`)
  }

  const grant: Grant = { _id: 'g', generation: 1, nonce: 'a', expiresAt: new Date(Date.now() + 3_600_000) }

  const turn = (model: mongoose.Model<Grant>, expected: string, next: string): Promise<Grant | null> =>
    model
      .findOneAndUpdate(
        { _id: 'g', nonce: expected },
        [
          {
            $set: {
              generation: { $add: ['$generation', 1] },
              previousNonce: '$nonce',
              nonce: { $literal: next },
            },
          },
        ],
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean<Grant>()
      .exec()

  it('turns a grant with one pipeline update', async () => {
    const model = freshModel()
    await model.create(grant)
    expect(await turn(model, 'a', '$b')).toEqual({ ...grant, generation: 2, nonce: '$b', previousNonce: 'a' })
    expect(await turn(model, 'a', 'c')).toBeNull()
  })

  it('lets one of 64 equal turns win', async () => {
    const model = freshModel()
    await model.create(grant)
    const turns = await Promise.all(Array.from({ length: 64 }, (_, i) => turn(model, 'a', `n${i}`)))
    const won = turns.filter((document) => document !== null)
    expect(won).toHaveLength(1)
    expect(await model.findById('g').lean()).toEqual(won[0])
  })

  it('tells a duplicate of an _id', async () => {
    const model = freshModel()
    await model.create(grant)
    expect(await failureOf(model.create(grant))).toMatchObject({ code: 11000, keyValue: { _id: 'g' } })
  })

  it('builds the indexes of a schema and sees where they drifted', async () => {
    const model = freshModel()
    await model.createCollection()
    await model.collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 60 })
    expect(await failureOf(model.createIndexes())).toMatchObject({ code: 85 })
    expect(await model.diffIndexes()).toMatchObject({ toDrop: ['expiresAt_1'] })
    await model.syncIndexes()
    expect(
      (await model.listIndexes()).map(({ name, expireAfterSeconds }) => [name, expireAfterSeconds]),
    ).toEqual([
      ['_id_', undefined],
      ['expiresAt_1', 0],
    ])
  })

  it('sends no update of a path that the schema lacks', async () => {
    const model = freshModel()
    await model.create(grant)
    // What makes a forgotten schema path so hard to find: no error, and nothing is done.
    expect(await model.updateOne({ _id: 'g' }, { $set: { unheardOf: 1 } })).toMatchObject({
      acknowledged: false,
    })
  })

  it('pages through a subject with a cursor', async () => {
    const model = freshModel()
    await model.insertMany(Array.from({ length: 250 }, (_, i) => ({ ...grant, _id: `g${i}` })))
    let seen = 0
    for await (const { _id } of model.find({}).sort({ _id: 1 }).lean().cursor({ batchSize: 100 }))
      if (_id.startsWith('g')) seen += 1
    expect(seen).toBe(250)
  })
}
