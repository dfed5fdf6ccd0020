import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Events } from '../events.js'
import type { Settings } from '../settings.js'
import type { GrantStore } from './storage.js'

const batch = 500

/** Removes expired records in the background, batch by batch, where the engine does not do it by itself. */
export class Sweeper {
  readonly #grants: GrantStore
  readonly #settings: Settings
  readonly #events: Events
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(grants: GrantStore, settings: Settings, events: Events) {
    this.#grants = grants
    this.#settings = settings
    this.#events = events
  }

  start(): void {
    if (this.#stopped || this.#settings.sweepIntervalMs === 0) return
    this.#timer = setTimeout(() => {
      this.#running = this.#sweep().finally(() => this.start())
    }, this.#settings.sweepIntervalMs)
    // Keeps no process alive.
    this.#timer.unref()
  }

  /** Resolves when no sweep is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #sweep(): Promise<void> {
    try {
      // Requests come in between two batches.
      while (!this.#stopped && (await this.#grants.purgeExpired(this.#settings.now(), batch)) >= batch)
        await nextTurn()
    } catch (error) {
      this.#events.emit('request.failed', { phase: 'storage', error })
    }
  }
}
