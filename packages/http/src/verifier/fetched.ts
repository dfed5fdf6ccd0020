/** Afterwards it is fetched anew. The server lets its metadata and keys be kept for half as long. */
const maxAgeMs = 600_000
/** In an outage an old one is used up to this age. */
const mostAgeMs = 86_400_000
/** After a failure there is no attempt for this long: with nothing at hand, and with an old one. */
const pauseMs = 1000
const pauseWithOldMs = 10_000
/** How often it is fetched because something was not in it. */
const cooldownMs = 10_000

/** Something of the server's that is fetched when it is needed, once for all who wait, and kept. */
export class Fetched<T> {
  readonly #fetch: () => Promise<T>
  readonly #now: () => number
  #kept: { readonly value: T; readonly at: number } | undefined
  #failure: { readonly error: unknown; readonly at: number } | undefined
  #pending: Promise<T> | undefined
  #askedAgainAt = Number.NEGATIVE_INFINITY

  constructor(fetch: () => Promise<T>, now: () => number) {
    this.#fetch = fetch
    this.#now = now
  }

  /** @throws what fetching has thrown, where nothing that is kept can be used */
  async get(): Promise<T> {
    const age = this.#age()
    if (this.#kept !== undefined && age < maxAgeMs) return this.#kept.value
    const old = age < mostAgeMs ? this.#kept : undefined
    const failed = this.#failure
    const pause = old === undefined ? pauseMs : pauseWithOldMs
    if (failed !== undefined && this.#now() - failed.at < pause) {
      if (old !== undefined) return old.value
      throw failed.error
    }
    try {
      return await this.#fetchOnce()
    } catch (error) {
      if (old !== undefined) return old.value
      throw error
    }
  }

  /**
   * Fetches it anew for something that is not in it, at most once per cooldown, whatever comes of it.
   *
   * @returns undefined within the cooldown
   * @throws what fetching has thrown; within the cooldown too, while nothing was fetched since
   */
  async getAgain(): Promise<T | undefined> {
    if (this.#pending !== undefined) return this.#pending
    if (this.#now() - this.#askedAgainAt < cooldownMs) {
      if (this.#failure !== undefined) throw this.#failure.error
      return undefined
    }
    this.#askedAgainAt = this.#now()
    return this.#fetchOnce()
  }

  #age(): number {
    return this.#kept === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#kept.at
  }

  #fetchOnce(): Promise<T> {
    this.#pending ??= this.#fetchNow().finally(() => (this.#pending = undefined))
    return this.#pending
  }

  async #fetchNow(): Promise<T> {
    const at = this.#now()
    try {
      const value = await this.#fetch()
      this.#kept = { value, at }
      this.#failure = undefined
      return value
    } catch (error) {
      this.#failure = { error, at: this.#now() }
      throw error
    }
  }
}
