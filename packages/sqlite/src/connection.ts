import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { StorageError } from '@oauth-ratchet/core'
import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { DatabaseFiles } from './database-files.js'
import { isBusy, LateError, storageError } from './driver-errors.js'
import { warnOfDriver } from './driver-version.js'
import { GroupCommit } from './group-commit.js'

/** How long one call may stand still in SQLite's own waiting, and with it the event loop. */
const BLOCKING_WAIT_MS = 100
/** How long after a call has found the file busy no other stands still to find the same. */
const KNOWN_BUSY_MS = 250
/** How long opening waits for a busy file: processes that start together meet there, and no request waits for it. */
const OPENING_TIMEOUT_MS = 1500

export interface ConnectionOptions {
  readonly file: string | undefined
  readonly database: Database | undefined
  readonly synchronous: 'FULL' | 'NORMAL'
  /** How long after its beginning a call may still begin its work. */
  readonly timeoutMs: number
}

/** One connection to one database file: opened here, or borrowed and then never closed. */
export class Connection {
  readonly #options: ConnectionOptions
  #database: Database | undefined
  #files: DatabaseFiles | undefined
  /** On the clock of `performance.now()`. */
  #knownBusyUntil = 0
  readonly #transaction: () => (works: readonly (() => unknown)[]) => unknown[]
  readonly #writes: GroupCommit

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#transaction = this.statements((database) => {
      const run = database.transaction((works: readonly (() => unknown)[]) => works.map((work) => work()))
      return (works) => run.immediate(works)
    })
    this.#writes = new GroupCommit(
      (works, giveUpAt) => this.attempt(() => this.#transaction()(works), giveUpAt),
      options.timeoutMs,
    )
  }

  get isOpen(): boolean {
    return this.#database !== undefined
  }

  /** Opens the file, or takes the borrowed database into use, and sets what durability depends on. */
  async open(): Promise<void> {
    const { file, database: borrowed, synchronous } = this.#options
    const database = borrowed ?? openFile(file ?? '')
    this.#database = database
    warnOfDriver(database)
    await this.attempt(() => {
      if (borrowed === undefined) {
        // Going over to the write-ahead log needs the file for itself: two processes that start at once meet here.
        const mode = database.pragma('journal_mode = WAL', { simple: true })
        if (mode !== 'wal') {
          throw new StorageError(`SQLite cannot keep a write-ahead log beside ${file}: use a local disk`)
        }
        // What a revocation or a removal takes out is overwritten with zeros, not left lying in the page.
        database.pragma('secure_delete = ON')
      }
      database.pragma(`synchronous = ${synchronous}`)
    }, openingDeadline())
  }

  /** Like {@link attempt}, for what is done before the first request is served. */
  prepare(work: (database: Database) => void): Promise<void> {
    return this.attempt(work, openingDeadline())
  }

  /** From now on every call looks whether the files are still in place. For a database that has been read. */
  watchFiles(): void {
    const { name, memory } = this.#opened()
    this.#files = memory || name === '' ? undefined : new DatabaseFiles(resolve(name))
  }

  /** @throws {StorageError} when the files are not in place, however short ago somebody has looked */
  assertFilesInPlace(): void {
    this.#files?.look()
  }

  close(): void {
    this.#files = undefined
    if (this.#options.database === undefined) this.#database?.close()
    this.#database = undefined
  }

  /** Statements made once per opened database, at their first use. */
  statements<Statements>(make: (database: Database) => Statements): () => Statements {
    let made: { readonly database: Database; readonly statements: Statements } | undefined
    return () => {
      const database = this.#opened()
      if (made?.database !== database) made = { database, statements: make(database) }
      return made.statements
    }
  }

  /**
   * Runs a piece of work that SQLite does or refuses as a whole: one statement, or a transaction. While the file is
   * busy it is run again, from the second time on without standing still, so that the event loop goes on.
   *
   * @param giveUpAt when it is not run again any more, on the clock of `performance.now()`
   * @throws {StorageError} `not_applied` when the file stayed busy, and for every other fault of the driver.
   */
  async attempt<Result>(
    work: (database: Database) => Result,
    giveUpAt: number = performance.now() + this.#options.timeoutMs,
  ): Promise<Result> {
    const first = this.#run(work, this.#blockingMs(giveUpAt))
    if (first !== BUSY) return first.result
    for (;;) {
      await delay(5 + Math.random() * 20)
      // After the delay: whatever came in between may have taken longer than that.
      if (performance.now() >= giveUpAt) throw new LateError()
      const next = this.#run(work, 0)
      if (next !== BUSY) return next.result
    }
  }

  /**
   * Like {@link attempt}, in a transaction that holds the write lock from its beginning, and that writes of other
   * callers may share: every write goes through here.
   */
  write<Result>(work: () => Result): Promise<Result> {
    return this.#writes.add(work)
  }

  /** Like {@link attempt}, in one transaction that reads one state of the database throughout. */
  read<Result>(work: () => Result): Promise<Result> {
    return this.attempt((database) => database.transaction(work).deferred())
  }

  /** How long a call may stand still for the file: not at all where it is known to be busy. */
  #blockingMs(giveUpAt: number): number {
    const now = performance.now()
    return now < this.#knownBusyUntil
      ? 0
      : Math.max(0, Math.min(BLOCKING_WAIT_MS, Math.floor(giveUpAt - now)))
  }

  #run<Result>(work: (database: Database) => Result, blockingMs: number): Outcome<Result> {
    const database = this.#opened()
    this.#files?.assertInPlace()
    // Work done inside somebody's open transaction could be answered and then be rolled back.
    if (database.inTransaction) {
      throw new StorageError(
        'The database that was handed in has a transaction open: finish it before yielding',
        {
          outcome: 'not_applied',
        },
      )
    }
    try {
      return { result: this.#waitingAtMost(blockingMs, database, work) }
    } catch (error) {
      if (isBusy(error)) {
        this.#knownBusyUntil = performance.now() + KNOWN_BUSY_MS
        return BUSY
      }
      throw storageError(error)
    }
  }

  /** Of a database that was handed in the app may have SQLite wait for seconds, in which nobody would be served. */
  #waitingAtMost<Result>(
    blockingMs: number,
    database: Database,
    work: (database: Database) => Result,
  ): Result {
    const isOwn = this.#options.database === undefined
    const setMs = isOwn ? BLOCKING_WAIT_MS : Number(database.pragma('busy_timeout', { simple: true }))
    if (setMs <= blockingMs) return work(database)
    database.exec(`PRAGMA busy_timeout = ${blockingMs}`)
    try {
      return work(database)
    } finally {
      database.exec(`PRAGMA busy_timeout = ${setMs}`)
    }
  }

  #opened(): Database {
    if (this.#database?.open) return this.#database
    throw new StorageError('The storage is not open: call init() first, and nothing after close()', {
      outcome: 'not_applied',
    })
  }
}

const BUSY = Symbol('busy')

type Outcome<Result> = { readonly result: Result } | typeof BUSY

function openingDeadline(): number {
  return performance.now() + OPENING_TIMEOUT_MS
}

function openFile(file: string): Database {
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // SQLite would make a file that everyone can read; its log files take over the mode of the file.
    closeSync(openSync(path, 'a', 0o600))
    return new BetterSqlite3(path, { timeout: BLOCKING_WAIT_MS })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StorageError(`Cannot open the database file ${file}: ${reason}`, {
      outcome: 'not_applied',
      cause: error,
    })
  }
}
