import { StorageError } from '@oauth-ratchet/core'
import type { Connection, mongo } from 'mongoose'

import type { CollectionNames, Collections } from './collections.js'
import { isDuplicateKey, isNotReplicaSet, storageError } from './driver-errors.js'

/**
 * How long one call may take, to be spread into the options of every operation of it. The server ends its part at
 * the first, waiting for the write concern included; the second ends the driver's: an attempt that it would make
 * after the caller has gone could turn a token that nobody is answered for any more.
 */
export interface TimeLimits {
  readonly maxTimeMS: number
  readonly signal: AbortSignal
}

export interface Patience {
  /**
   * Lets the driver look for a lost server as long as the call may take, instead of refusing the call at once. For a
   * call that has to find out what became of an earlier one: the fault that took the answer has mostly taken the
   * connection as well, and for a moment only.
   */
  readonly patient?: boolean
}

export interface DeploymentOptions {
  readonly connection: Connection
  readonly names: CollectionNames
  readonly writeConcern: mongo.WriteConcernSettings
  readonly timeoutMs: number
}

// mongoose's numbers for `readyState`. By number, so that this package loads no mongoose of its own.
const CONNECTED = 1
const DISCONNECTED = 0

/** What the network and the server's own giving up may take beyond `maxTimeMS`. */
const ALLOWANCE_MS = 200

/**
 * The app may have set these on its connection, for its own documents. Ours are read as plain values: numbers as
 * numbers, documents as objects.
 */
const PLAIN_VALUES = {
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  raw: false,
  ignoreUndefined: false,
} as const

/** The storage's collections in the database of a connection that belongs to the app. */
export class Deployment {
  readonly #connection: Connection
  readonly #names: CollectionNames
  readonly #options: mongo.CollectionOptions
  readonly #timeoutMs: number
  #opened: { readonly db: mongo.Db; readonly collections: Collections } | undefined
  #knocking = false

  constructor({ connection, names, writeConcern, timeoutMs }: DeploymentOptions) {
    this.#connection = connection
    this.#names = names
    this.#timeoutMs = timeoutMs
    this.#options = {
      // Whatever the connection prefers: a secondary lags, and may not know of the revocation that was just answered.
      readPreference: 'primary',
      readConcern: { level: 'local' },
      writeConcern,
      ...PLAIN_VALUES,
    }
  }

  /**
   * The collections, if they can be asked now. Nothing is sent, and nothing kept for later, while they cannot.
   *
   * @throws {StorageError} `not_applied` while the connection is not connected
   */
  collections(patience?: Patience): Collections {
    const db = this.#database(patience)
    // Another one after the app has closed the connection and opened it again.
    if (this.#opened?.db !== db) {
      const { grants, values, clients } = this.#names
      this.#opened = {
        db,
        collections: {
          grants: db.collection(grants, this.#options),
          values: db.collection(values, this.#options),
          clients: db.collection(clients, this.#options),
        },
      }
    }
    return this.#opened.collections
  }

  /**
   * Runs one call against the collections, within its time.
   *
   * @throws {StorageError} when it fails, but for a duplicate key, which is an answer and comes out as it is
   */
  async run<Answer>(
    work: (at: Collections, limits: TimeLimits) => Promise<Answer>,
    patience?: Patience,
  ): Promise<Answer> {
    const collections = this.collections(patience)
    try {
      return await this.#inTime((limits) => work(collections, limits))
    } catch (error) {
      throw isDuplicateKey(error) ? error : storageError(error)
    }
  }

  /** What the primary answers to a command of its own kind, such as `ping`. */
  async command(command: mongo.Document): Promise<mongo.Document> {
    return this.#send(this.#database(), command)
  }

  /**
   * The document as it stands for good. What the primary holds but a majority does not hold yet can be taken back by
   * a failover: this waits until it is safe, and fails when that takes too long. To be asked by whoever answers for
   * a write that was not its own, or whose answer was lost.
   *
   * Not `majority`, which answers at once, but with an older state than the one that made the write fail.
   */
  async findSettled<Document extends { readonly _id: string }>(
    collection: mongo.Collection<Document>,
    filter: mongo.Filter<Document>,
    limits: TimeLimits,
  ): Promise<mongo.WithId<Document> | null> {
    if (!this.#awaitsMajority) return collection.findOne(filter, { ...limits })
    try {
      return await collection.findOne(filter, { ...limits, readConcern: { level: 'linearizable' } })
    } catch (error) {
      // A server that stands alone has nobody who could take a write back.
      if (isNotReplicaSet(error)) return collection.findOne(filter, { ...limits })
      throw error
    }
  }

  /** With `w: 1` the app has chosen to be answered before a write is safe. */
  get #awaitsMajority(): boolean {
    return this.#options.writeConcern?.w !== 1
  }

  #database({ patient = false }: Patience = {}): mongo.Db {
    const { db } = this.#connection
    const readyState: number = this.#connection.readyState
    if (db !== undefined && readyState === CONNECTED) return db
    if (db !== undefined && readyState === DISCONNECTED) {
      if (patient) return db
      this.#knock(db)
    }
    throw new StorageError(
      `The mongoose connection is not connected (readyState ${readyState}): await mongoose.connect() or connection.asPromise() first`,
      { outcome: 'not_applied' },
    )
  }

  #send(db: mongo.Db, command: mongo.Document): Promise<mongo.Document> {
    return this.#inTime(({ signal }) =>
      db.command(command, { readPreference: 'primary', signal, ...PLAIN_VALUES }),
    )
  }

  /** Not `AbortSignal.timeout`, which costs forty times as much and runs on after the work is done. */
  async #inTime<Answer>(work: (limits: TimeLimits) => Promise<Answer>): Promise<Answer> {
    const giveUpAfterMs = this.#timeoutMs + ALLOWANCE_MS
    const controller = new AbortController()
    const timer = setTimeout(
      () => controller.abort(new Error(`no answer within ${giveUpAfterMs} ms`)),
      giveUpAfterMs,
    )
    try {
      return await work({ maxTimeMS: this.#timeoutMs, signal: controller.signal })
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Has the driver look for the server now. It does so by itself only every ten seconds, unless something waits for
   * the server; and as long as every call is refused, nothing does.
   */
  #knock(db: mongo.Db): void {
    if (this.#knocking) return
    this.#knocking = true
    const answered = (): void => {
      this.#knocking = false
    }
    void this.#send(db, { ping: 1 }).then(answered, answered)
  }
}
