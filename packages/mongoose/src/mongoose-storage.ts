import { StorageError, wrongOptions } from '@oauth-ratchet/core'
import type { ClientStore, GrantStore, Storage, ValueStore } from '@oauth-ratchet/core'
import type { Connection, mongo } from 'mongoose'

import { MongooseClients } from './clients.js'
import type { CollectionNames } from './collections.js'
import { Deployment } from './deployment.js'
import { isUnknownCommand, storageError } from './driver-errors.js'
import { MongooseGrants } from './grants.js'
import { ensureIndexes, INDEXES } from './indexes.js'
import { registerModels } from './models.js'
import type { ModelNames } from './models.js'
import { MongooseValues } from './values.js'

export interface MongooseStorageOptions {
  /**
   * The app's connection: `mongoose.connection`, or what `mongoose.createConnection()` or `connection.useDb()`
   * answers. Borrowed: it is never opened, closed or changed. While it is not connected every call is refused at
   * once, and nothing is buffered.
   */
  readonly connection: Connection
  /** What the names of the collections begin with. Default: `oauth_ratchet_`. */
  readonly prefix?: string | undefined
  /** Names of single collections, in place of prefix and `grants`, `values`, `clients`. */
  readonly collections?: Partial<CollectionNames> | undefined
  /**
   * Names under which mongoose models for looking at the documents are registered on the connection, such as
   * `{ grants: 'OAuthGrant' }`. Default: none is. The storage itself uses no model.
   */
  readonly models?: ModelNames | undefined
  /**
   * When a write counts as done. Default: `{ w: 'majority' }`, which survives the loss of any minority of the
   * members. With `{ w: 1 }` a failover can take back what was answered: clients lose their sessions, and
   * revocations are undone without anyone knowing.
   */
  readonly writeConcern?: mongo.WriteConcernSettings | undefined
  /**
   * How long the server may work on one operation, in ms; the driver gives up 200 ms later. Keep it below the
   * authorization server's `storageTimeout` by as much, so that nothing is still under way when that has answered.
   * Default: 1500.
   */
  readonly timeoutMs?: number | undefined
}

const optionNames: readonly (keyof MongooseStorageOptions)[] = [
  'connection',
  'prefix',
  'collections',
  'models',
  'writeConcern',
  'timeoutMs',
]
const aliases = { db: 'connection', mongoose: 'connection', client: 'connection' }
const stores = ['grants', 'values', 'clients']

/** Wire version of MongoDB 4.4, the first of which the drivers of mongoose 9 still speak the protocol. */
const OLDEST_WIRE_VERSION = 9

/**
 * Storage in MongoDB through a mongoose connection: standalone, replica set or sharded cluster.
 *
 * One document per grant; every write is one conditional operation on one document, so it is atomic against every
 * other connection, and no transaction is needed. Reads go to the primary. A call that fails rejects with a
 * `StorageError`: `not_applied` while the connection is not connected, otherwise `unknown`.
 */
export class MongooseStorage implements Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore
  readonly #deployment: Deployment

  /**
   * Asks the server nothing. With `models` it adds to the connection's models.
   *
   * @throws {TypeError} for options that make no sense
   */
  constructor(options: MongooseStorageOptions) {
    checkNames(options)
    const { connection, prefix = 'oauth_ratchet_', collections, models, timeoutMs = 1500 } = options
    const writeConcern = { w: 'majority', ...options.writeConcern } as const
    assertConnection(connection)
    if (writeConcern.w === 0) {
      throw new TypeError(
        '`writeConcern.w` must not be 0: a write that is not acknowledged cannot be answered for',
      )
    }
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) {
      throw new TypeError('`timeoutMs` is a whole number of milliseconds above 0')
    }
    const names: CollectionNames = {
      grants: `${prefix}grants`,
      values: `${prefix}values`,
      clients: `${prefix}clients`,
      ...collections,
    }
    if (new Set(Object.values(names)).size < 3) {
      throw new TypeError('Grants, values and clients need a collection each: give them different names')
    }
    if (models !== undefined) registerModels(connection, models, names)
    const deployment = new Deployment({ connection, names, writeConcern, timeoutMs })
    this.#deployment = deployment
    this.grants = new MongooseGrants(deployment)
    this.values = new MongooseValues(deployment)
    this.clients = new MongooseClients(deployment)
  }

  /**
   * Looks whether the server can do the work, and builds the indexes that are missing.
   *
   * @throws {StorageError} in words that say what to do: while the connection is not connected, for a server that is
   *   too old or takes no writes, and for an index that is there with other options
   */
  async init(): Promise<void> {
    const collections = this.#deployment.collections()
    try {
      assertServer(await hello(this.#deployment))
      await ensureIndexes(collections.grants, INDEXES.grants)
      await ensureIndexes(collections.values, INDEXES.values)
    } catch (error) {
      throw storageError(error)
    }
  }

  /** Resolves when the primary answers. */
  async ping(): Promise<void> {
    try {
      await this.#deployment.command({ ping: 1 })
    } catch (error) {
      throw storageError(error)
    }
  }

  /** Does nothing: the connection is the app's. */
  async close(): Promise<void> {}
}

function checkNames(options: MongooseStorageOptions): void {
  if (typeof (options as { readonly readyState?: unknown } | undefined)?.readyState === 'number') {
    throw new TypeError('MongooseStorage wants { connection }, not the connection itself')
  }
  const problem =
    wrongOptions('MongooseStorage', options, optionNames, aliases) ??
    wrongOptions('MongooseStorage: collections', options.collections ?? {}, stores) ??
    wrongOptions('MongooseStorage: models', options.models ?? {}, stores)
  if (problem !== undefined) throw new TypeError(problem)
}

function assertConnection(connection: Connection): void {
  if (typeof connection?.readyState !== 'number') {
    throw new TypeError('`connection` is a mongoose Connection, such as mongoose.connection')
  }
}

/** What the server says of itself; undefined from one that is too old to know the question. */
async function hello(deployment: Deployment): Promise<mongo.Document | undefined> {
  try {
    return await deployment.command({ hello: 1 })
  } catch (error) {
    if (isUnknownCommand(error)) return undefined
    throw error
  }
}

function assertServer(said: mongo.Document | undefined): void {
  if (said === undefined || Number(said['maxWireVersion']) < OLDEST_WIRE_VERSION) {
    throw refusal('The server is older than MongoDB 4.4: upgrade it')
  }
  if (said['isWritablePrimary'] !== true) {
    throw refusal(
      'The connection leads to a member that takes no writes: connect to the whole replica set, without directConnection',
    )
  }
}

function refusal(message: string): StorageError {
  return new StorageError(message, { outcome: 'not_applied' })
}
