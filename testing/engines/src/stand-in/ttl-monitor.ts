import type { Databases } from './database.js'

/** The background removal of what TTL indexes say has had its time. */
export class TtlMonitor {
  #timer: NodeJS.Timeout | undefined
  #intervalMs: number

  constructor(
    private readonly databases: Databases,
    intervalMs: number,
  ) {
    this.#intervalMs = intervalMs
  }

  get sleepSeconds(): number {
    return this.#intervalMs / 1000
  }

  set sleepSeconds(seconds: number) {
    this.#intervalMs = seconds * 1000
    if (this.#timer) this.start()
  }

  start(): void {
    this.stop()
    this.#timer = setInterval(() => this.databases.removeExpired(Date.now()), this.#intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
