import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { StorageHarness, WorkerProgram } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'

import { bundleWorker } from '../../storage-contract/test/bundle-worker.js'
import { SqliteStorage } from '../src/index.js'
import type { SqliteStorageOptions } from '../src/index.js'

/** A database file of its own for each case, in a folder of its own. */
export class SqliteHarness implements StorageHarness {
  readonly #options: Omit<SqliteStorageOptions, 'file' | 'database'>
  #folder = ''
  #opened: SqliteStorage[] = []

  constructor(options: Omit<SqliteStorageOptions, 'file' | 'database'> = {}) {
    this.#options = options
  }

  get file(): string {
    return join(this.#folder, 'data', 'oauth.sqlite')
  }

  create(): Promise<SqliteStorage> {
    this.#folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-sqlite-'))
    return this.connect()
  }

  async connect(): Promise<SqliteStorage> {
    const storage = new SqliteStorage({ ...this.#options, file: this.file })
    this.#opened.push(storage)
    await storage.init()
    return storage
  }

  async dispose(): Promise<void> {
    for (const storage of this.#opened) await storage.close()
    this.#opened = []
    rmSync(this.#folder, { recursive: true, force: true })
  }

  worker(): WorkerProgram {
    return { path: bundleWorker(join(__dirname, 'worker.ts')), args: [this.file] }
  }

  async rawDump(): Promise<string> {
    const database = new BetterSqlite3(this.file, { readonly: true })
    try {
      const tables = ['oauth_grants', 'oauth_marks', 'oauth_values', 'oauth_clients']
      return JSON.stringify(tables.map((table) => database.prepare(`SELECT * FROM ${table}`).all()))
    } finally {
      database.close()
    }
  }
}
