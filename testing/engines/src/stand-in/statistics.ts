import type { Document } from './bson-values.js'

/** Counts of commands under the names that a real server's `serverStatus` has for them. */
export class Statistics {
  readonly #commands = new Map<string, { total: number; failed: number }>()
  readonly #startedMs = Date.now()
  connections = 0

  count(name: string, failed: boolean): void {
    const counts = this.#commands.get(name) ?? { total: 0, failed: 0 }
    this.#commands.set(name, counts)
    counts.total += 1
    if (failed) counts.failed += 1
  }

  report(): Document {
    return {
      uptime: (Date.now() - this.#startedMs) / 1000,
      localTime: new Date(),
      connections: { current: this.connections },
      metrics: { commands: Object.fromEntries(this.#commands) },
    }
  }
}
