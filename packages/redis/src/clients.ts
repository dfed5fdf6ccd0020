import { cursorAt, pageOf, readCursor } from '@oauth-ratchet/core'
import type { ClientRecord, ClientStore, Page } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { entriesBetween } from './entries-between.js'
import type { Keys } from './keys.js'
import { numberArgument } from './script-arguments.js'
import { clientRemove, clientSave } from './scripts.js'

/** Clients, one key each (revision, a space, the document), and beside them in their slot the index of their ids. */
export class RedisClients implements ClientStore {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  find(id: string): Promise<ClientRecord | undefined> {
    return this.#find(id)
  }

  async #find(id: string, deadline?: Deadline): Promise<ClientRecord | undefined> {
    const value = await this.#connection.send(
      (commands) => commands.getexBuffer(this.#keys.client(id)),
      deadline,
    )
    if (value === null) return undefined
    const text = value.toString()
    const space = text.indexOf(' ')
    return Object.freeze({ id, revision: Number(text.slice(0, space)), data: text.slice(space + 1) })
  }

  async save(client: ClientRecord, expectedRevision: number | null): Promise<boolean> {
    const { id, revision, data } = client
    const parameters = [numberArgument(expectedRevision), numberArgument(revision), data, id]
    return Number(await this.#connection.run(clientSave, this.#keysOf(id), parameters)) === 1
  }

  async remove(id: string): Promise<boolean> {
    return Number(await this.#connection.run(clientRemove, this.#keysOf(id), [id])) === 1
  }

  async list(page: Page): Promise<{ clients: readonly ClientRecord[]; cursor?: string }> {
    const { limit, cursor } = page
    const deadline = this.#connection.deadline()
    const after = readCursor('clients', cursor)
    const bounds = { from: after === '' ? '-' : `(${after}`, to: '+' }
    const { entries: ids } = await entriesBetween(
      this.#connection,
      this.#keys.clients(),
      bounds,
      limit + 1,
      deadline,
    )
    const { entries, ...rest } = pageOf(ids, limit, (last) => cursorAt('clients', last))
    const found = await Promise.all(entries.map((id) => this.#find(id, deadline)))
    return { clients: found.flatMap((client) => client ?? []), ...rest }
  }

  #keysOf(id: string): string[] {
    return [this.#keys.client(id), this.#keys.clients()]
  }
}
