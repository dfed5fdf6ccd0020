import { MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { interceptedStorage } from './intercepted-storage.js'

/** A store that can stand still: what it is asked meanwhile is done when it goes on, and answered to nobody. */
export class StallingStorage {
  readonly storage: Storage
  readonly #late: (() => Promise<unknown>)[] = []
  #stallsAt: { readonly name: string; before: number } | undefined
  #stalled = false

  constructor(readonly inner: Storage = new MemoryStorage()) {
    this.storage = interceptedStorage(inner, ({ name }, proceed) => {
      if (this.#stallsAt?.name === name && this.#stallsAt.before-- === 0) this.#stalled = true
      if (!this.#stalled) return proceed()
      this.#late.push(proceed)
      return new Promise(() => {})
    })
  }

  /**
   * @param name the call that it comes to a stand at
   * @param before how many of these it still makes
   */
  stall(name = 'grants.turn', before = 0): void {
    this.#stallsAt = { name, before }
  }

  async goOn(): Promise<void> {
    this.#stalled = false
    this.#stallsAt = undefined
    for (const proceed of this.#late.splice(0)) await proceed()
  }
}
