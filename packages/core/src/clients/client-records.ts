import type { Events } from '../events.js'
import { StorageError } from '../faults/storage-error.js'
import type { Settings } from '../options/settings.js'
import { everyPage, readAtOnce } from '../storage/every-page.js'
import type { ClientStore, Page } from '../storage/storage.js'
import { isClientId } from './client.js'
import { toRegistered } from './registered-client.js'
import type { RegisteredClient } from './registered-client.js'
import { readStored, realmPrefix, storedId } from './stored-client.js'
import type { StoredClient } from './stored-client.js'

/** What `clients.page` is asked for. */
export interface ClientsPageOptions {
  /** Clients of a page at most, 1 to 500. Default 50. */
  readonly limit?: number
  /** That of the page before. Default: the first page. */
  readonly cursor?: string
}

export interface ClientsPage {
  readonly clients: readonly RegisteredClient[]
  /** Where the next page begins; absent on the last. */
  readonly cursor?: string
}

type Listed = Awaited<ReturnType<ClientStore['list']>>

/** The clients of this realm in a storage, which several realms may share. */
export class ClientRecords {
  readonly #store: ClientStore
  readonly #realm: string
  readonly #events: Events

  constructor(parts: { store: ClientStore; settings: Settings; events: Events }) {
    this.#store = parts.store
    this.#realm = parts.settings.realm
    this.#events = parts.events
  }

  /** @throws StorageError for a record that is damaged */
  async find(clientId: string): Promise<{ stored: StoredClient; revision: number } | undefined> {
    // No client can have it, and not every database takes it in a query.
    if (!isClientId(clientId)) return undefined
    const record = await this.#store.find(storedId(this.#realm, clientId))
    return record && { stored: readStored(clientId, record.data), revision: record.revision }
  }

  /** @param expectedRevision null: there is no client of this id yet */
  save(clientId: string, stored: StoredClient, expectedRevision: number | null): Promise<boolean> {
    const id = storedId(this.#realm, clientId)
    const revision = expectedRevision === null ? 0 : expectedRevision + 1
    return this.#store.save({ id, revision, data: JSON.stringify(stored) }, expectedRevision)
  }

  async remove(clientId: string): Promise<boolean> {
    return isClientId(clientId) && this.#store.remove(storedId(this.#realm, clientId))
  }

  /** All of them, by `client_id`. */
  async list(): Promise<RegisteredClient[]> {
    const clients: RegisteredClient[] = []
    const damaged: string[] = []
    for await (const page of everyPage(readAtOnce, (from) => this.#store.list(from))) {
      clients.push(...this.#readable(page, damaged))
    }
    this.#reportDamaged(damaged)
    return clients
  }

  /**
   * One page of them, and on over storage pages that have none.
   *
   * @throws RangeError for a limit out of range
   */
  async page({ limit = 50, cursor: from }: ClientsPageOptions): Promise<ClientsPage> {
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 500)) {
      throw new RangeError('clients.page: limit must be a whole number from 1 to 500.')
    }
    const damaged: string[] = []
    const clients: RegisteredClient[] = []
    let cursor = from
    do {
      const page: Page = cursor === undefined ? { limit } : { limit, cursor }
      const listed: Listed = await this.#store.list(page)
      clients.push(...this.#readable(listed, damaged))
      cursor = listed.cursor
    } while (clients.length === 0 && cursor !== undefined)
    this.#reportDamaged(damaged)
    return { clients, ...(cursor !== undefined && { cursor }) }
  }

  #readable(page: Listed, damaged: string[]): RegisteredClient[] {
    const prefix = realmPrefix(this.#realm)
    return page.clients.flatMap(({ id, data }) => {
      if (!id.startsWith(prefix)) return []
      const clientId = id.slice(prefix.length)
      try {
        return [toRegistered(readStored(clientId, data))]
      } catch {
        damaged.push(clientId)
        return []
      }
    })
  }

  #reportDamaged(ids: readonly string[]): void {
    if (ids.length === 0) return
    const named = ids.slice(0, 10).join(', ')
    const error = new StorageError(
      `${ids.length} client records are damaged and could not be listed: ${named}${ids.length > 10 ? ', …' : ''}`,
    )
    this.#events.emit('request.failed', { phase: 'storage', error })
  }
}
