import { mongo } from 'mongoose'
import {
  describeWithMongod,
  ENGINE_TIMEOUT_MS,
  startMongoReplicaSet,
  waitUntil,
  type MongoReplicaSet,
} from '../src/index.js'

const FAILOVER_TIMEOUT_MS = 300_000

describeWithMongod(
  'a replica set of three mongod',
  () => {
    let set: MongoReplicaSet
    let client: mongo.MongoClient

    beforeAll(async () => {
      set = await startMongoReplicaSet()
      client = await mongo.MongoClient.connect(set.url)
    }, ENGINE_TIMEOUT_MS)

    afterAll(async () => {
      await client.close()
      await set.stop()
    }, ENGINE_TIMEOUT_MS)

    const rows = (): mongo.Collection<{ _id: number }> => client.db('engines').collection('rows')

    it('has one primary and accepts a majority write', async () => {
      expect(set.members).toHaveLength(3)
      expect((await (await set.primary()).command({ hello: 1 }))['setName']).toBe(set.name)
      await rows().insertOne({ _id: 1 }, { writeConcern: { w: 'majority' } })
    })

    it(
      'loses a write that only the primary had when that is killed, and none that the majority had',
      async () => {
        const first = await set.primary()
        await rows().insertOne({ _id: 2 }, { writeConcern: { w: 'majority' } })
        await set.holdBackSecondaries()
        await rows().insertOne({ _id: 3 }, { writeConcern: { w: 1 } })
        await first.kill('SIGKILL')
        await set.releaseSecondaries()
        const second = await set.primary()
        expect(second).not.toBe(first)
        await waitUntil('the majority has its write', async () => (await rows().findOne({ _id: 2 })) !== null)
        expect(await rows().findOne({ _id: 3 })).toBeNull()
        await first.restart()
        await waitUntil(
          'the old primary follows',
          async () => (await first.command({ hello: 1 }))['secondary'] === true,
          { timeoutMs: 60_000 },
        )
      },
      FAILOVER_TIMEOUT_MS,
    )

    it(
      'elects a primary after one stepped down',
      async () => {
        await set.stepDown()
        await rows().insertOne({ _id: 4 }, { writeConcern: { w: 'majority' } })
        expect(await rows().countDocuments({ _id: 4 })).toBe(1)
      },
      FAILOVER_TIMEOUT_MS,
    )
  },
  { own: true },
)
