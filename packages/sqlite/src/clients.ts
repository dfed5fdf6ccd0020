import { cursorAt, pageOf, readCursor } from '@oauth-ratchet/core'
import type { ClientRecord, ClientStore, Page } from '@oauth-ratchet/core'
import type { Database } from 'better-sqlite3'

import type { Connection } from './connection.js'

/** Client documents, replaced only at the revision that the caller has seen. */
export class SqliteClients implements ClientStore {
  readonly #connection: Connection
  readonly #statements: () => ReturnType<typeof prepareClients>

  constructor(connection: Connection) {
    this.#connection = connection
    this.#statements = connection.statements(prepareClients)
  }

  find(id: string): Promise<ClientRecord | undefined> {
    return this.#connection.attempt(() => this.#statements().find.get(id))
  }

  async save(client: ClientRecord, expectedRevision: number | null): Promise<boolean> {
    const { id, revision, data } = client
    return this.#connection.write(() => {
      const { insert, update, find } = this.#statements()
      const { changes } =
        expectedRevision === null
          ? insert.run(id, revision, data)
          : update.run(revision, data, id, expectedRevision)
      if (changes === 1) return true
      const present = find.get(id)
      return present?.revision === revision && present.data === data
    })
  }

  async remove(id: string): Promise<boolean> {
    const { changes } = await this.#connection.write(() => this.#statements().remove.run(id))
    return changes === 1
  }

  async list({ cursor, limit }: Page): Promise<{ clients: readonly ClientRecord[]; cursor?: string }> {
    const after = readCursor('clients', cursor)
    const found = await this.#connection.attempt(() => this.#statements().page.all(after, limit + 1))
    const { entries: clients, ...rest } = pageOf(found, limit, ({ id }) => cursorAt('clients', id))
    return { clients, ...rest }
  }
}

function prepareClients(database: Database) {
  return {
    find: database
      .prepare<[string], ClientRecord>('SELECT id, revision, data FROM oauth_clients WHERE id = ?')
      .safeIntegers(false),
    insert: database.prepare<[string, number, string]>(
      'INSERT INTO oauth_clients (id, revision, data) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
    ),
    update: database.prepare<[number, string, string, number]>(
      'UPDATE oauth_clients SET revision = ?, data = ? WHERE id = ? AND revision = ?',
    ),
    remove: database.prepare<[string]>('DELETE FROM oauth_clients WHERE id = ?'),
    page: database
      .prepare<[string, number], ClientRecord>(
        'SELECT id, revision, data FROM oauth_clients WHERE id > ? ORDER BY id LIMIT ?',
      )
      .safeIntegers(false),
  }
}
