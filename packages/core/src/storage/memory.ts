import { MemoryClients } from './memory-clients.js'
import { MemoryGrants } from './memory-grants.js'
import { MemoryValues } from './memory-values.js'
import type { ClientStore, GrantStore, Storage, ValueStore } from './storage.js'

/**
 * A storage in this process's memory, for tests and development: what it holds ends with the process, and a second
 * process sees none of it. Every method does its work before it first yields, so each is atomic. Records are
 * answered as frozen copies.
 */
export class MemoryStorage implements Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore = new MemoryClients()

  constructor() {
    const values = new MemoryValues()
    this.values = values
    this.grants = new MemoryGrants(values)
  }

  async init(): Promise<void> {}

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}
