import { randomBytes } from 'node:crypto'
import { mongo } from 'mongoose'
import { ENGINE_TIMEOUT_MS, type TcpTarget } from '../../src/index.js'

/** What every part of the conformance script works on: a database of its own on the engine under test. */
export interface Fixture {
  readonly client: mongo.MongoClient
  readonly db: mongo.Db
  readonly url: string
}

export interface Started {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Starts the engine before the tests of a `describe` and stops it after them. */
export function useEngine(start: () => Promise<Started>): () => Fixture {
  let fixture: Fixture | undefined
  let started: Started | undefined
  beforeAll(async () => {
    started = await start()
    const client = await mongo.MongoClient.connect(started.url)
    fixture = { client, db: client.db(`conformance_${randomBytes(6).toString('hex')}`), url: started.url }
  }, ENGINE_TIMEOUT_MS)
  afterAll(async () => {
    await fixture?.db.dropDatabase()
    await fixture?.client.close()
    await started?.stop()
  }, ENGINE_TIMEOUT_MS)
  return () => {
    if (!fixture) throw new Error('the engine has not started')
    return fixture
  }
}

/** Where the first server of the engine listens. */
export function firstHost({ url }: Fixture): TcpTarget {
  const [first = ''] = new URL(url).host.split(',')
  const [host = '', port = ''] = first.split(':')
  return { host, port: Number(port) }
}

let collections = 0

export interface Row extends mongo.Document {
  _id: string | number
}

/** An empty collection that no other test uses. */
export function freshCollection(fixture: Fixture): mongo.Collection<Row> {
  collections += 1
  return fixture.db.collection<Row>(`c${collections}`)
}

/** The command itself: the driver's own helper completes and checks what it is given. */
export function createIndex(
  { db }: Fixture,
  { collectionName }: { readonly collectionName: string },
  index: mongo.Document,
): Promise<mongo.Document> {
  return db.command({ createIndexes: collectionName, indexes: [index] })
}

/** What was thrown, for `toMatchObject`. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it should have failed')
}
