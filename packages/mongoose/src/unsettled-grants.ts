/** Longer than anyone who was told of an unknown outcome goes on looking. */
const KEPT_MS = 60_000

interface Entry {
  /** Writes that are under way. */
  pending: number
  /** On the clock of `performance.now()`. */
  untilMs: number
}

/**
 * The grants of which it is not known here how their latest write from this process ended: it is under way, or its
 * answer never came.
 *
 * Such a write can stand on the primary without being on a majority of the members, and a failover then takes it
 * back. Who looks at the grant in order to answer for that write must not be shown it before it is safe.
 */
export class UnsettledGrants {
  readonly #entries = new Map<string, Entry>()

  has(id: string): boolean {
    const entry = this.#entries.get(id)
    return entry !== undefined && (entry.pending > 0 || entry.untilMs > performance.now())
  }

  /** Runs a write of the grant. When it rejects with what `isKnown` says no to, the grant stays unsettled for a while. */
  async during<Answer>(
    id: string,
    write: () => Promise<Answer>,
    isKnown: (error: unknown) => boolean,
  ): Promise<Answer> {
    const entry = this.#entries.get(id) ?? { pending: 0, untilMs: 0 }
    this.#entries.set(id, entry)
    entry.pending += 1
    try {
      return await write()
    } catch (error) {
      if (!isKnown(error)) this.#doubt(id, entry)
      throw error
    } finally {
      entry.pending -= 1
      if (!this.has(id)) this.#entries.delete(id)
    }
  }

  #doubt(id: string, entry: Entry): void {
    const now = performance.now()
    // Back to the end of the map, which so is in the order of time and is tidied from its beginning.
    this.#entries.delete(id)
    for (const [oldest, { pending, untilMs }] of this.#entries) {
      if (pending > 0) continue
      if (untilMs > now) break
      this.#entries.delete(oldest)
    }
    entry.untilMs = now + KEPT_MS
    this.#entries.set(id, entry)
  }
}
