import timers from 'node:timers'

import { LateError } from './driver-errors.js'

// Held from the start, so that an app's tests may replace the timers, global ones and the module's, without stopping every
// write.
const { setImmediate } = timers

/** Writes that share a commit at most: what a commit holds up the event loop for stays a few milliseconds. */
const GROUP_SIZE = 256

/** A piece of work on the database; may be run several times, and what it did is taken back in between. */
type Work = () => unknown

interface Waiting {
  readonly work: Work
  /** When it is not begun any more, on the clock of `performance.now()`. */
  readonly giveUpAt: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs works in one transaction, in their order, and gives their results when it is committed.
 *
 * @throws LateError when they could not be begun until then
 */
export type Transact = (works: readonly Work[], giveUpAt: number) => Promise<readonly unknown[]>

/**
 * Lets the writes that arrive in one turn of the event loop share one commit. On a disk a commit is what costs: it
 * takes as long for a hundred turns as for one. Each is answered after the commit, so that an answered write is as
 * durable as one with a commit of its own.
 */
export class GroupCommit {
  readonly #transact: Transact
  readonly #timeoutMs: number
  #waiting: Waiting[] = []
  #isScheduled = false

  /** @param timeoutMs how long a write waits for its transaction to begin */
  constructor(transact: Transact, timeoutMs: number) {
    this.#transact = transact
    this.#timeoutMs = timeoutMs
  }

  /**
   * Resolves with the work's result when it is committed; rejects when it, or the commit, has failed, or was not begun
   * in time.
   */
  add<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({
        work,
        giveUpAt: performance.now() + this.#timeoutMs,
        resolve: resolve as (result: unknown) => void,
        reject,
      })
      this.#schedule()
    })
  }

  // After the input of this turn of the loop has been read: whoever came with it comes along.
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => void this.#commitNext())
  }

  async #commitNext(): Promise<void> {
    await this.#commit(this.#waiting.splice(0, GROUP_SIZE))
    this.#isScheduled = false
    if (this.#waiting.length > 0) this.#schedule()
  }

  /** A work that throws fails alone, and so does one that is late: the others are run again without it. */
  async #commit(group: readonly Waiting[]): Promise<void> {
    let rest = this.#inTime(group)
    while (rest.length > 0) {
      let failing: Waiting | undefined
      const works = rest.map((waiting) => () => {
        failing = waiting
        const result = waiting.work()
        failing = undefined
        return result
      })
      try {
        const results = await this.#transact(works, rest[0]?.giveUpAt ?? 0)
        for (const [index, { resolve }] of rest.entries()) resolve(results[index])
        return
      } catch (error) {
        if (!(error instanceof LateError)) {
          const failed = failing === undefined ? rest : [failing]
          for (const { reject } of failed) reject(error)
          rest = rest.filter((waiting) => !failed.includes(waiting))
        }
      }
      rest = this.#inTime(rest)
    }
  }

  /**
   * Those that may still be begun; the others get an error. Asked before each transaction: the one before it, or whatever
   * else held the event loop up, may have taken so long that nobody waits for them any more.
   */
  #inTime(group: readonly Waiting[]): readonly Waiting[] {
    const now = performance.now()
    const late = group.filter(({ giveUpAt }) => giveUpAt <= now)
    for (const { reject } of late) reject(new LateError())
    return late.length === 0 ? group : group.filter((waiting) => !late.includes(waiting))
  }
}
