import { cursorAt, readCursor } from '@oauth-ratchet/core'
import type { Page, ValuePage, ValueRecord, ValueStore } from '@oauth-ratchet/core'
import type { Database } from 'better-sqlite3'

import type { Connection } from './connection.js'

interface ValueRow {
  readonly value: string
  readonly expires_at: number
}

interface MarkEntry {
  readonly key: string
  readonly owner: string
  readonly expiresAt: number
}

interface ValueEntry {
  readonly key: string
  readonly value: string
  readonly expiresAt: number
}

/** Pages are no longer than this, whatever is asked for: nobody else is served while one is read. */
const MOST_PER_PAGE = 100

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

  /** First the marks, then the values, by key. A cursor names the table and the key at which the next page begins. */
  async scan({ cursor, limit: asked }: Page): Promise<ValuePage> {
    const from = readCursor('values', cursor)
    const limit = Math.min(asked, MOST_PER_PAGE)
    const found = await this.#connection.read(() => {
      const { marksFrom, valuesFrom } = this.#statements()
      const inValues = from.startsWith('v')
      const marks = inValues ? [] : marksFrom.all(from.slice(1), limit + 1)
      const values = valuesFrom.all(inValues ? from.slice(1) : '', limit + 1 - marks.length)
      return [
        ...marks.map((mark): ValueRecord => ({ kind: 'mark', ...mark })),
        ...values.map((value): ValueRecord => ({ kind: 'value', ...value })),
      ]
    })
    const next = found[limit]
    const values = found.slice(0, limit)
    if (next === undefined) return { values }
    return { values, cursor: cursorAt('values', `${next.kind === 'mark' ? 'm' : 'v'}${next.key}`) }
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
    marksFrom: database
      .prepare<[string, number], MarkEntry>(
        'SELECT key, owner, expires_at AS expiresAt FROM oauth_marks WHERE key >= ? ORDER BY key LIMIT ?',
      )
      .safeIntegers(false),
    valuesFrom: database
      .prepare<[string, number], ValueEntry>(
        'SELECT key, value, expires_at AS expiresAt FROM oauth_values WHERE key >= ? ORDER BY key LIMIT ?',
      )
      .safeIntegers(false),
    take: database
      .prepare<[string], ValueRow>('DELETE FROM oauth_values WHERE key = ? RETURNING value, expires_at')
      .safeIntegers(false),
  }
}
