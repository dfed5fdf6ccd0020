import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { StorageError } from '@oauth-ratchet/core'
import BetterSqlite3 from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

import { isBusy, storageError } from './driver-errors.js'
import { GroupCommit } from './group-commit.js'

/** How long one call may stand still in SQLite's own waiting, and with it the event loop. */
const BLOCKING_WAIT_MS = 100
/** How long a call waits for a busy file altogether. */
const PATIENCE_MS = 1500

export interface ConnectionOptions {
  readonly file: string | undefined
  readonly database: Database | undefined
  readonly synchronous: 'FULL' | 'NORMAL'
}

/** One connection to one database file: opened here, or borrowed and then never closed. */
export class Connection {
  readonly #options: ConnectionOptions
  #database: Database | undefined
  #waiting = 0
  readonly #transaction: () => (works: readonly (() => unknown)[]) => unknown[]
  readonly #writes: GroupCommit

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#transaction = this.statements((database) => {
      const run = database.transaction((works: readonly (() => unknown)[]) => works.map((work) => work()))
      return (works) => run.immediate(works)
    })
    this.#writes = new GroupCommit((works, since) => this.attempt(() => this.#transaction()(works), since))
  }

  get isOpen(): boolean {
    return this.#database !== undefined
  }

  /** Opens the file, or takes the borrowed database into use, and sets what durability depends on. */
  async open(): Promise<void> {
    const { file, database: borrowed, synchronous } = this.#options
    const database = borrowed ?? openFile(file ?? '')
    this.#database = database
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
    })
  }

  close(): void {
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
   * @param since from when on the waiting counts, on the clock of `performance.now()`
   * @throws {StorageError} `not_applied` when the file stayed busy, and for every other fault of the driver.
   */
  async attempt<Result>(
    work: (database: Database) => Result,
    since: number = performance.now(),
  ): Promise<Result> {
    // While one call waits, the file is known to be busy: no other needs to find out by standing still as well.
    const first = this.#run(work, this.#waiting === 0)
    if (first !== BUSY) return first.result
    const giveUpAt = since + PATIENCE_MS
    this.#waiting += 1
    try {
      while (performance.now() < giveUpAt) {
        await delay(5 + Math.random() * 20)
        const next = this.#run(work, false)
        if (next !== BUSY) return next.result
      }
    } finally {
      this.#waiting -= 1
    }
    throw new StorageError(`Another process kept the database file locked for ${PATIENCE_MS} ms`, {
      outcome: 'not_applied',
    })
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

  #run<Result>(
    work: (database: Database) => Result,
    mayBlock: boolean,
  ): { readonly result: Result } | typeof BUSY {
    const database = this.#opened()
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
      return { result: mayBlock ? work(database) : withoutBlocking(database, work) }
    } catch (error) {
      if (isBusy(error)) return BUSY
      throw storageError(error)
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

function withoutBlocking<Result>(database: Database, work: (database: Database) => Result): Result {
  const timeout = Number(database.pragma('busy_timeout', { simple: true }))
  database.pragma('busy_timeout = 0')
  try {
    return work(database)
  } finally {
    database.pragma(`busy_timeout = ${timeout}`)
  }
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
