/** A clock that only the test moves. `clock.now` is what the option `now` of a server takes. */
export class TestClock {
  #ms: number

  /** @param startsAt default: now, at a whole second, so that expected seconds are exact */
  constructor(startsAt: Date = new Date()) {
    this.#ms = Math.floor(startsAt.getTime() / 1000) * 1000
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.#ms

  /** @throws RangeError for a step back, which no server's clock makes */
  advance(seconds: number): void {
    if (!(seconds >= 0)) throw new RangeError(`clock.advance takes seconds from 0 on, not ${seconds}.`)
    this.#ms += seconds * 1000
  }
}
