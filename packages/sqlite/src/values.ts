import type { ValueStore } from '@oauth-ratchet/core'
import type { Database } from 'better-sqlite3'

import type { Connection } from './connection.js'

interface ValueRow {
  readonly value: string
  readonly expires_at: number
}

/** Marks and values, in a table each. */
export class SqliteValues implements ValueStore {
  readonly #connection: Connection
  readonly #statements: () => ReturnType<typeof prepareValues>

  constructor(connection: Connection) {
    this.#connection = connection
    this.#statements = connection.statements(prepareValues)
  }

  async mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean> {
    return this.#connection.write(() => {
      const { mark, findMark } = this.#statements()
      return mark.run(key, owner, expiresAt, now).changes === 1 || findMark.get(key, now)?.owner === owner
    })
  }

  async isMarked(key: string, now: number): Promise<boolean> {
    const mark = await this.#connection.attempt(() => this.#statements().findMark.get(key, now))
    return mark !== undefined
  }

  async stash(key: string, value: string, expiresAt: number): Promise<void> {
    await this.#connection.write(() => this.#statements().stash.run(key, value, expiresAt))
  }

  async peek(key: string, now: number): Promise<string | undefined> {
    const row = await this.#connection.attempt(() => this.#statements().peek.get(key))
    return valueAt(row, now)
  }

  async take(key: string, now: number): Promise<string | undefined> {
    const row = await this.#connection.write(() => this.#statements().take.get(key))
    return valueAt(row, now)
  }
}

function valueAt(row: ValueRow | undefined, now: number): string | undefined {
  return row !== undefined && row.expires_at > now ? row.value : undefined
}

function prepareValues(database: Database) {
  return {
    mark: database.prepare<[string, string, number, number]>(
      `INSERT INTO oauth_marks (key, owner, expires_at) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
       WHERE oauth_marks.expires_at <= ?`,
    ),
    findMark: database.prepare<[string, number], { readonly owner: string }>(
      'SELECT owner FROM oauth_marks WHERE key = ? AND expires_at > ?',
    ),
    stash: database.prepare<[string, string, number]>(
      'REPLACE INTO oauth_values (key, value, expires_at) VALUES (?, ?, ?)',
    ),
    peek: database
      .prepare<[string], ValueRow>('SELECT value, expires_at FROM oauth_values WHERE key = ?')
      .safeIntegers(false),
    take: database
      .prepare<[string], ValueRow>('DELETE FROM oauth_values WHERE key = ? RETURNING value, expires_at')
      .safeIntegers(false),
  }
}
