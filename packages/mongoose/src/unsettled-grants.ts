/** Longer than a caller with an unknown outcome goes on looking. */
const KEPT_MS = 60_000

/** So many grants are kept apart, a few megabytes of them. With more in doubt than that, all are. */
const MOST_DOUBTED = 20_000

/**
 * The grants of which it is not known here how their latest write from this process ended: it is under way, or its
 * answer never came.
 *
 * Such a write can stand on the primary without being on a majority of the members, and a failover then takes it
 * back. Who looks at the grant in order to answer for that write must not be shown it before it is safe.
 */
export class UnsettledGrants {
  /** How many writes of a grant are under way. */
  readonly #pending = new Map<string, number>()
  /** Until when a grant is in doubt, on the clock of `performance.now()`; the oldest first. */
  readonly #doubted = new Map<string, number>()
  /** Until when all are. */
  #allUntilMs = 0

  has(id: string): boolean {
    if (this.#pending.has(id)) return true
    const now = performance.now()
    return this.#allUntilMs > now || (this.#doubted.get(id) ?? 0) > now
  }

  /** Runs a write of the grant. When it rejects with what `isKnown` says no to, the grant stays unsettled for a while. */
  async during<Answer>(
    id: string,
    write: () => Promise<Answer>,
    isKnown: (error: unknown) => boolean,
  ): Promise<Answer> {
    // With every write, so that what an outage has left goes when there is work again.
    if (this.#doubted.size > 0) this.#tidy(performance.now())
    this.#pending.set(id, (this.#pending.get(id) ?? 0) + 1)
    try {
      return await write()
    } catch (error) {
      if (!isKnown(error)) this.#doubt(id)
      throw error
    } finally {
      const pending = (this.#pending.get(id) ?? 1) - 1
      if (pending === 0) this.#pending.delete(id)
      else this.#pending.set(id, pending)
    }
  }

  #doubt(id: string): void {
    const now = performance.now()
    this.#tidy(now)
    // Back to the end of the map, which so is in the order of time.
    this.#doubted.delete(id)
    this.#doubted.set(id, now + KEPT_MS)
    if (this.#doubted.size <= MOST_DOUBTED) return
    // To forget one that is in doubt is to answer what a failover may take back; to doubt all is slow, and no more.
    this.#doubted.clear()
    this.#allUntilMs = now + KEPT_MS
  }

  #tidy(now: number): void {
    for (const [id, untilMs] of this.#doubted) {
      if (untilMs > now) break
      this.#doubted.delete(id)
    }
  }
}
