import { mongo } from 'mongoose'
import { containing, startTcpProxy, type TcpProxy } from '../../src/index.js'
import { failureOf, firstHost, freshCollection, type Fixture } from './fixture.js'

function bump(collection: mongo.Collection<{ _id: number }>): Promise<mongo.Document | null> {
  return collection.findOneAndUpdate(
    { _id: 1 },
    { $inc: { n: 1 } },
    { returnDocument: 'after', upsert: true },
  )
}

export function faultConformance(fixture: () => Fixture): void {
  const arm = (mode: unknown, data?: mongo.Document): Promise<mongo.Document> =>
    fixture()
      .db.admin()
      .command({ configureFailPoint: 'failCommand', mode, ...(data ? { data } : {}) })
  const counter = (): mongo.Collection<{ _id: number }> =>
    fixture().db.collection(freshCollection(fixture()).collectionName)

  afterEach(async () => {
    await arm('off')
  })

  it.each([91, 189, 10107, 11600, 11602, 13435])(
    'error %i is tried again by the driver, once',
    async (errorCode) => {
      const collection = counter()
      await arm({ times: 1 }, { failCommands: ['findAndModify'], errorCode })
      expect(await bump(collection)).toEqual({ _id: 1, n: 1 })
      await arm({ times: 2 }, { failCommands: ['findAndModify'], errorCode })
      expect(await failureOf(bump(collection))).toMatchObject({ code: errorCode })
      expect(await collection.findOne({})).toEqual({ _id: 1, n: 1 })
    },
  )

  it('an error that is no reason to try again is told at once, by its name', async () => {
    const collection = counter()
    await arm({ times: 1 }, { failCommands: ['findAndModify'], errorCode: 112 })
    expect(await failureOf(bump(collection))).toMatchObject({ code: 112, codeName: 'WriteConflict' })
    expect(await bump(collection)).toEqual({ _id: 1, n: 1 })
  })

  it('labels that the test names take the place of the usual ones', async () => {
    const collection = counter()
    await arm({ times: 1 }, { failCommands: ['findAndModify'], errorCode: 91, errorLabels: [] })
    expect(await failureOf(bump(collection))).toMatchObject({ code: 91 })
    await arm(
      { times: 1 },
      { failCommands: ['findAndModify'], errorCode: 112, errorLabels: ['RetryableWriteError'] },
    )
    expect(await bump(collection)).toEqual({ _id: 1, n: 1 })
  })

  it('a connection cut before the command is tried again by the driver, once', async () => {
    const collection = counter()
    await arm({ times: 1 }, { failCommands: ['findAndModify'], closeConnection: true })
    expect(await bump(collection)).toEqual({ _id: 1, n: 1 })
    await arm({ times: 2 }, { failCommands: ['findAndModify'], closeConnection: true })
    expect(await failureOf(bump(collection))).toBeInstanceOf(mongo.MongoNetworkError)
    expect(await collection.findOne({})).toEqual({ _id: 1, n: 1 })
  })

  it('hits only the commands it names, until it is turned off', async () => {
    const collection = counter()
    await arm('alwaysOn', { failCommands: ['insert'], errorCode: 112 })
    expect(await failureOf(collection.insertOne({ _id: 1 }))).toMatchObject({ code: 112 })
    expect(await failureOf(collection.insertOne({ _id: 1 }))).toMatchObject({ code: 112 })
    expect(await collection.findOne({})).toBeNull()
    expect(await arm('off')).toMatchObject({ ok: 1 })
    expect(await collection.insertOne({ _id: 1 })).toMatchObject({ insertedId: 1 })
  })

  it('lets a command wait', async () => {
    const collection = counter()
    await arm({ times: 1 }, { failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 300 })
    const before = performance.now()
    expect(await bump(collection)).toEqual({ _id: 1, n: 1 })
    expect(performance.now() - before).toBeGreaterThan(290)
  })

  it('a write concern that fails has its write done all the same', async () => {
    const collection = counter()
    const writeConcernError = {
      code: 64,
      codeName: 'WriteConcernFailed',
      errmsg: 'waiting for replication timed out',
    }
    await arm({ times: 1 }, { failCommands: ['findAndModify'], writeConcernError })
    const failure = await failureOf(bump(collection))
    expect(failure).toBeInstanceOf(mongo.MongoWriteConcernError)
    expect(failure).toMatchObject({ code: 64 })
    expect(await collection.findOne({})).toEqual({ _id: 1, n: 1 })
  })

  it('a write whose concern failed for a passing reason is tried again and done once', async () => {
    const collection = counter()
    const writeConcernError = { code: 91, codeName: 'ShutdownInProgress', errmsg: 'shutting down' }
    await arm({ times: 1 }, { failCommands: ['findAndModify'], writeConcernError })
    expect(await bump(collection)).toEqual({ _id: 1, n: 1 })
    expect(await collection.findOne({})).toEqual({ _id: 1, n: 1 })
  })

  describe('through a proxy that loses answers', () => {
    let proxy: TcpProxy
    const clients: mongo.MongoClient[] = []

    /** Straight to the proxy: the addresses that a replica set tells lead around it. */
    const through = async (retryWrites: boolean): Promise<mongo.Collection<{ _id: number }>> => {
      const client = new mongo.MongoClient(`mongodb://${proxy.host}:${proxy.port}/`, {
        directConnection: true,
        retryWrites,
      })
      clients.push(client)
      const { collectionName } = freshCollection(fixture())
      const collection = client.db(fixture().db.databaseName).collection<{ _id: number }>(collectionName)
      await collection.findOne({})
      return collection
    }

    beforeAll(async () => {
      proxy = await startTcpProxy(firstHost(fixture()))
    })

    afterAll(async () => {
      await Promise.all(clients.map((client) => client.close()))
      await proxy.stop()
    })

    it.each([
      ['findAndModify', bump],
      [
        'update',
        (c: mongo.Collection<{ _id: number }>) =>
          c.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true }),
      ],
    ])('a %s whose answer is lost is sent again and done once', async (command, write) => {
      const collection = await through(true)
      const cut = proxy.cutAfterRequest({ when: containing(command) })
      const answer = await write(collection)
      expect(cut.hits()).toBe(1)
      expect(answer).toMatchObject(command === 'update' ? { upsertedCount: 1 } : { _id: 1, n: 1 })
      expect(await collection.findOne({})).toEqual({ _id: 1, n: 1 })
    })

    it('an insert whose answer is lost is no duplicate of itself', async () => {
      const collection = await through(true)
      const cut = proxy.cutAfterRequest({ when: containing('insert') })
      expect(await collection.insertOne({ _id: 1 })).toMatchObject({ insertedId: 1 })
      expect(cut.hits()).toBe(1)
    })

    it('without retries the write is done and its outcome unknown', async () => {
      const collection = await through(false)
      const cut = proxy.cutAfterRequest({ when: containing('findAndModify') })
      expect(await failureOf(bump(collection))).toBeInstanceOf(mongo.MongoNetworkError)
      expect(cut.hits()).toBe(1)
      expect(await collection.findOne({})).toEqual({ _id: 1, n: 1 })
    })

    it('a request that is lost is not done', async () => {
      const collection = await through(false)
      proxy.cutBeforeRequest({ when: containing('findAndModify') })
      expect(await failureOf(bump(collection))).toBeInstanceOf(mongo.MongoNetworkError)
      expect(await collection.findOne({})).toBeNull()
    })
  })
}
