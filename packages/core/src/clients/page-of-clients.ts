import type { ClientStore } from '../storage/storage.js'
import { toRegistered } from './registered-client.js'
import type { RegisteredClient } from './registered-client.js'
import type { StoredClient } from './stored-client.js'

/** What `clients.page` is asked for. */
export interface ClientsPageOptions {
  /** At most so many, 1 to 500. Default 50. */
  readonly limit?: number
  /** Of the page before. */
  readonly cursor?: string
}

export interface ClientsPage {
  readonly clients: readonly RegisteredClient[]
  /** Where the next page begins; absent on the last. */
  readonly cursor?: string
}

/**
 * Reads one page of the clients whose keys begin so, and on over storage pages that have none of them: a store may be
 * shared by several realms.
 *
 * @throws RangeError for a limit that is none
 */
export async function pageOfClients(
  store: ClientStore,
  prefix: string,
  { limit = 50, cursor: from }: ClientsPageOptions,
): Promise<ClientsPage> {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 500)) {
    throw new RangeError('clients.page: limit must be a whole number from 1 to 500.')
  }
  let cursor = from
  do {
    const listed: Awaited<ReturnType<ClientStore['list']>> = await store.list(
      cursor === undefined ? { limit } : { limit, cursor },
    )
    const clients = listed.clients
      .filter(({ id }) => id.startsWith(prefix))
      .map(({ data }) => toRegistered(JSON.parse(data) as StoredClient))
    cursor = listed.cursor
    if (clients.length > 0) return { clients, ...(cursor !== undefined && { cursor }) }
  } while (cursor !== undefined)
  return { clients: [] }
}
