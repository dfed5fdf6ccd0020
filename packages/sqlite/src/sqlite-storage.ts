import { wrongOptions } from '@oauth-ratchet/core'
import type { ClientStore, GrantStore, Storage, ValueStore } from '@oauth-ratchet/core'
import type { Database } from 'better-sqlite3'

import { SqliteClients } from './clients.js'
import { Connection } from './connection.js'
import { SqliteGrants } from './grants.js'
import { migrate } from './schema.js'
import { SqliteValues } from './values.js'

export interface SqliteStorageOptions {
  /**
   * Path of the database file. Created with mode 0600 if it is not there, its folder with 0700; opened by `init()`
   * and closed by `close()`. Must be on a local disk. Give this or `database`.
   */
  readonly file?: string | undefined
  /**
   * A `better-sqlite3` database of the app, used as it is: its journal mode stays, and its busy timeout too (while a
   * call runs it is at most 0.1 s), it is never closed. `synchronous` is set on it. The tables are named `oauth_…`. A
   * call made while the app has a transaction open is refused, for what it wrote could be rolled back.
   */
  readonly database?: Database | undefined
  /**
   * `'FULL'` (the default): a write is on the disk before it is answered; writes that arrive together share the wait.
   * `'NORMAL'` does not wait for the disk, and a power cut or a crash of the operating system may take the latest
   * answered writes back (a crash of the process takes none). A client that already has the successor of a lost turn
   * then presents a generation the store has not reached: it must sign in again, and of a lost revocation nobody learns.
   */
  readonly synchronous?: 'FULL' | 'NORMAL' | undefined
  /**
   * How long a call waits for the file while others keep it locked, in ms. A write that has not begun by then does not
   * happen. Keep it below the authorization server's `storageTimeout`, so that what that has answered a 503 for is not
   * done afterwards. Default: 1500.
   */
  readonly timeoutMs?: number | undefined
}

const names: readonly (keyof SqliteStorageOptions)[] = ['file', 'database', 'synchronous', 'timeoutMs']
const aliases = { path: 'file', filename: 'file', db: 'database' }

/**
 * Storage in one SQLite file, for one process or several on one machine.
 *
 * Every write is part of a transaction under SQLite's write lock, so it is atomic against every other connection to
 * the file; writes that arrive in one turn of the event loop share a transaction. A call that finds the file locked
 * waits for up to `timeoutMs`, of which it blocks the event loop for at most 0.1 s, and then rejects with a
 * `StorageError` whose outcome is `not_applied`.
 *
 * When the file, its `-wal` or its `-shm` is removed, renamed or replaced, or its folder unmounted, every call rejects with
 * such an error within a second, `ping` at once, until the process is started again or the same file is back. A file that is
 * overwritten in place is not noticed.
 *
 * `init` warns (`OAUTH_RATCHET_SQLITE_DRIVER`) where a better-sqlite3 before 13 runs on Node 24.19 or later, which it can end at any
 * moment.
 */
export class SqliteStorage implements Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore
  readonly #connection: Connection
  #initialising: Promise<void> | undefined

  /** @throws {TypeError} when the options make no sense. Opens nothing yet. */
  constructor(options: SqliteStorageOptions) {
    const problem = wrongOptions('SqliteStorage', options, names, aliases)
    if (problem !== undefined) throw new TypeError(problem)
    const { file, database, synchronous = 'FULL', timeoutMs = 1500 } = options
    if ((file === undefined) === (database === undefined)) {
      throw new TypeError('SqliteStorage takes either `file` or `database`')
    }
    if (file === '' || file === ':memory:') {
      throw new TypeError('SqliteStorage needs the path of a file; for tests there is MemoryStorage')
    }
    if (synchronous !== 'FULL' && synchronous !== 'NORMAL') {
      throw new TypeError("`synchronous` is 'FULL' or 'NORMAL'")
    }
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) {
      throw new TypeError('`timeoutMs` is a whole number of milliseconds above 0')
    }
    const connection = new Connection({ file, database, synchronous, timeoutMs })
    this.#connection = connection
    this.grants = new SqliteGrants(connection)
    this.values = new SqliteValues(connection)
    this.clients = new SqliteClients(connection)
  }

  init(): Promise<void> {
    this.#initialising ??= this.#initialise().finally(() => {
      this.#initialising = undefined
    })
    return this.#initialising
  }

  async ping(): Promise<void> {
    this.#connection.assertFilesInPlace()
    await this.#connection.attempt((database) => database.prepare('SELECT version FROM oauth_schema').get())
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async #initialise(): Promise<void> {
    const opens = !this.#connection.isOpen
    try {
      if (opens) await this.#connection.open()
      await this.#connection.prepare(migrate)
      if (opens) this.#connection.watchFiles()
    } catch (error) {
      if (opens) this.#connection.close()
      throw error
    }
  }
}
