import { MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { interceptedStorage } from './intercepted-storage.js'
import type { StorageCall } from './intercepted-storage.js'

/** A storage that remembers every call made to it. */
export class CountingStorage {
  readonly storage: Storage
  readonly calls: StorageCall[] = []

  constructor(inner: Storage = new MemoryStorage()) {
    this.storage = interceptedStorage(inner, (call, proceed) => {
      this.calls.push(call)
      return proceed()
    })
  }

  /** The names of the calls that the work makes. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.calls.length
    await work()
    return this.calls.slice(before).map((call) => call.name)
  }
}
