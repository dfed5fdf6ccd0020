import { describeFault, summarizeChain } from './describe-fault.js'

/** One fault is printed in full once in this time. */
const periodMs = 60_000
/** Kinds of faults that are counted separately; those beyond count as one. */
const mostKinds = 50

/**
 * Faults on stderr, for whoever has no listener yet: cause and stack, once per distinct fault and minute, and after the
 * minute how many more there were.
 */
export class FaultLog {
  readonly #leftOut = new Map<string, number>()

  /** @param what what has failed, in words: `a request failed (callback)` */
  write(what: string, error: unknown, advice = ''): void {
    const kind = `${what}: ${summarizeChain(error)}`
    // Two that differ in a number (a port, a time, an id) are one fault.
    const key = this.#keyFor(kind.replaceAll(/[\w-]*\d[\w-]*/g, '#'))
    const leftOut = this.#leftOut.get(key)
    if (leftOut !== undefined) {
      this.#leftOut.set(key, leftOut + 1)
      return
    }
    this.#leftOut.set(key, 0)
    const timer = setTimeout(() => this.#endPeriod(key, kind), periodMs)
    timer.unref()
    process.stderr.write(`oauth-ratchet: ${what}: ${describeFault(error)}\n${advice}`)
  }

  #keyFor(kind: string): string {
    return this.#leftOut.has(kind) || this.#leftOut.size < mostKinds ? kind : 'others'
  }

  #endPeriod(key: string, kind: string): void {
    const count = this.#leftOut.get(key) ?? 0
    this.#leftOut.delete(key)
    if (count === 0) return
    process.stderr.write(`oauth-ratchet: ${count} more in the last minute of: ${kind}\n`)
  }
}
