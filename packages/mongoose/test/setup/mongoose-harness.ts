import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

import { sharedMongo } from '@oauth-ratchet/engines'
import type { StorageHarness, WorkerProgram } from '@oauth-ratchet/storage-contract'
import mongoose from 'mongoose'
import type { Connection } from 'mongoose'

import { bundleWorker } from '../../../storage-contract/test/bundle-worker.js'
import { MongooseStorage } from '../../src/index.js'
import type { MongooseStorageOptions } from '../../src/index.js'

export interface MongooseHarnessOptions extends Omit<MongooseStorageOptions, 'connection'> {
  /** Default: the engine of the run. */
  readonly url?: string
  /** Of the connections. */
  readonly connect?: mongoose.ConnectOptions
}

/** A database of its own for each case. */
export class MongooseHarness implements StorageHarness {
  readonly expiry = 'engine'
  manyGrants = 10_000
  manyRounds = 2000
  readonly #options: MongooseHarnessOptions
  #url = ''
  #dbName = ''
  #connections: Connection[] = []

  constructor(options: MongooseHarnessOptions = {}) {
    this.#options = options
  }

  async create(): Promise<MongooseStorage> {
    const engine = await sharedMongo()
    this.#url = this.#options.url ?? engine.url
    // The stand-in does one thing at a time, so that more rounds find nothing more, and takes 20 ms for each.
    if (engine.kind === 'stand-in') Object.assign(this, { manyGrants: 1100, manyRounds: 40 })
    this.#dbName = databaseName()
    return this.connect()
  }

  async connect(): Promise<MongooseStorage> {
    const { url: _, connect, ...options } = this.#options
    const connection = await connectTo(this.#url, this.#dbName, connect)
    this.#connections.push(connection)
    const storage = new MongooseStorage({ connection, ...options })
    await storage.init()
    return storage
  }

  async dispose(): Promise<void> {
    await this.#connections[0]?.dropDatabase()
    for (const connection of this.#connections) await connection.close()
    this.#connections = []
  }

  worker(): WorkerProgram {
    return { path: bundleWorker(join(__dirname, 'worker.ts')), args: [this.#url, this.#dbName] }
  }

  async rawDump(): Promise<string> {
    const db = this.#connections[0]?.db
    const collections = (await db?.collections()) ?? []
    const documents = await Promise.all(collections.map((collection) => collection.find().toArray()))
    return mongoose.mongo.BSON.EJSON.stringify(documents)
  }
}

export function databaseName(): string {
  return `oauth_ratchet_${randomBytes(6).toString('hex')}`
}

/** A connection of the test's own, as an app would have it. */
export async function connectTo(
  url: string,
  dbName: string,
  options: mongoose.ConnectOptions = {},
): Promise<Connection> {
  return mongoose.createConnection(url, { dbName, serverSelectionTimeoutMS: 5000, ...options }).asPromise()
}
