/** A clock that only the test moves. Starts at a whole second, so that expected seconds are exact. */
export class Clock {
  #ms = Date.UTC(2026, 10, 1)

  readonly now = (): number => this.#ms

  get seconds(): number {
    return this.#ms / 1000
  }

  advance(seconds: number): void {
    this.#ms += seconds * 1000
  }
}

export const minute = 60
export const hour = 60 * minute
export const day = 24 * hour
