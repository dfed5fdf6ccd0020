import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'
import type { Connection } from 'mongoose'

import { sampleGrant, walkGrants } from '../../storage-contract/src/samples.js'
import { MongooseStorage } from '../src/index.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'
import { sentDuring } from './setup/sent-commands.js'

const now = Date.now()

let connection: Connection
let storage: MongooseStorage

beforeAll(async () => {
  const { url } = await sharedMongo()
  connection = await connectTo(url, databaseName(), { monitorCommands: true })
  storage = new MongooseStorage({ connection })
  await storage.init()
}, ENGINE_TIMEOUT_MS)

afterEach(async () => {
  await connection.db?.collection('oauth_ratchet_grants').deleteMany({})
})

afterAll(async () => {
  await connection.dropDatabase()
  await connection.close()
})

describe('a scan for one client', () => {
  it('finds its grants and no other, in pages of any size', async () => {
    const records = Array.from({ length: 60 }, (_, index) =>
      sampleGrant(now, { clientId: index % 4 === 0 ? 'client-a' : 'client-b' }),
    )
    for (const record of records) await storage.grants.create(record)
    for (const clientId of ['client-a', 'client-b', 'client-c']) {
      const ids = records.filter((record) => record.clientId === clientId).map(({ id }) => id)
      for (const limit of [1, 2, 5, 6, 59, 60, 1000]) {
        const found = await walkGrants(limit, (page) => storage.grants.scan(page, { clientId }))
        expect(found.map(({ id }) => id)).toEqual(ids.toSorted())
      }
    }
  })

  it('looks at a limited number of documents for each page, which may be empty', async () => {
    for (let made = 0; made < 25; made += 1) await storage.grants.create(sampleGrant(now))
    let pages = 0
    const sent = await sentDuring(connection, async () => {
      await walkGrants(1, async (page) => {
        pages += 1
        const found = await storage.grants.scan(page, { clientId: 'nobody' })
        expect(found.grants).toEqual([])
        return found
      })
    })
    expect(pages).toBe(3)
    // Two for each page: one along the index on ids, to where the other is to end.
    expect(sent.map(({ name }) => name)).toEqual(Array.from({ length: 6 }, () => 'find'))
    expect(sent.map(({ command }) => command['skip'])).toEqual([9, undefined, 9, undefined, 9, undefined])
  })
})
