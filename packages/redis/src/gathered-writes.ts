import timers from 'node:timers'

import { primariesOf } from './redis-client.js'
import type { Driver, RedisSocket } from './redis-client.js'

// Held from the start, so that an app's tests may replace the timers, global ones and the module's, without stopping all
// that its client writes.
const { setImmediate } = timers

/**
 * Holds back what is written to a client's sockets until the event loop has gone round once, so that the commands of all
 * requests that came together leave in one write of the system's instead of one each. Nothing waits for it: it is over
 * before the loop looks for new requests. Each command keeps its own promise, and their order does not change.
 */
export class GatheredWrites {
  readonly #driver: Driver
  #held: readonly RedisSocket[] = []

  constructor(driver: Driver) {
    this.#driver = driver
  }

  /** Called before a command is sent. */
  begin(): void {
    // The client's own pipeline does the same.
    if (this.#held.length > 0 || this.#driver.options.enableAutoPipelining === true) return
    const sockets = socketsOf(this.#driver)
    for (const socket of sockets) socket.cork()
    this.#held = sockets
    setImmediate(() => this.#end())
  }

  #end(): void {
    const sockets = this.#held
    this.#held = []
    for (const socket of sockets) socket.uncork()
  }
}

function socketsOf(driver: Driver): RedisSocket[] {
  return primariesOf(driver).flatMap(({ stream }) => stream ?? [])
}
