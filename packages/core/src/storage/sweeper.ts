import { setImmediate as nextTurn } from 'node:timers/promises'
import type { GrantStore } from './storage.js'

/** Nobody is served while an embedded storage removes them. */
const batch = 100

export interface SweeperOptions {
  readonly now: () => number
  /** 0: never. */
  readonly sweepIntervalMs: number
  /** Called when a sweep has failed; the next one tries again. */
  readonly onFailure: (error: unknown) => void
}

/** Removes expired records in the background, batch by batch, where the engine does not do it by itself. */
export class Sweeper {
  readonly #grants: GrantStore
  readonly #options: SweeperOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(grants: GrantStore, options: SweeperOptions) {
    this.#grants = grants
    this.#options = options
  }

  start(): void {
    if (this.#stopped || this.#options.sweepIntervalMs === 0) return
    this.#timer = setTimeout(() => {
      this.#running = this.#sweep().finally(() => this.start())
    }, this.#options.sweepIntervalMs)
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
      while (!this.#stopped && (await this.#grants.purgeExpired(this.#options.now(), batch)) >= batch)
        await nextTurn()
    } catch (error) {
      this.#options.onFailure(error)
    }
  }
}
