import { pageOfKeys, SortedKeys } from './sorted-keys.js'
import type { ClientRecord, ClientStore, Page } from './storage.js'

/** The clients of `MemoryStorage`. */
export class MemoryClients implements ClientStore {
  readonly #records = new Map<string, ClientRecord>()
  readonly #ids = new SortedKeys()

  async find(id: string): Promise<ClientRecord | undefined> {
    return this.#records.get(id)
  }

  async save(client: ClientRecord, expectedRevision: number | null): Promise<boolean> {
    const { id, revision, data } = client
    const present = this.#records.get(id)
    if ((present?.revision ?? null) === expectedRevision) {
      this.#records.set(id, Object.freeze({ id, revision, data }))
      if (present === undefined) this.#ids.add(id)
      return true
    }
    return present?.revision === revision && present.data === data
  }

  async remove(id: string): Promise<boolean> {
    this.#ids.delete(id)
    return this.#records.delete(id)
  }

  async list(page: Page): Promise<{ clients: readonly ClientRecord[]; cursor?: string }> {
    const { keys, ...rest } = pageOfKeys([this.#ids], 'clients', page)
    return { clients: keys.flatMap((id) => this.#records.get(id) ?? []), ...rest }
  }
}
