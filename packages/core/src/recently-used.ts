/** An entry, and its neighbours in the order of use. */
interface Entry<Key, Value> {
  readonly key: Key
  readonly value: Value
  readonly weight: number
  older: Entry<Key, Value> | undefined
  newer: Entry<Key, Value> | undefined
}

/**
 * A map of bounded size: the entries that were not used for longest make room for a new one.
 *
 * The order of use is a list of its own. That of insertion, which a map has, would cost a full one more with every new
 * entry than what is remembered saves: to find its first key it passes by all that were deleted before.
 */
export class RecentlyUsed<Key, Value> {
  readonly #size: number
  readonly #entries = new Map<Key, Entry<Key, Value>>()
  #oldest: Entry<Key, Value> | undefined
  #newest: Entry<Key, Value> | undefined
  #weight = 0

  /** @param size what all entries weigh together at most: their number, where `set` is given no other weight */
  constructor(size: number) {
    this.#size = size
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry !== this.#newest) {
      this.#takeOut(entry)
      this.#append(entry)
    }
    return entry.value
  }

  /** @param weight of one that takes the place of several */
  set(key: Key, value: Value, weight = 1): void {
    this.delete(key)
    const entry = { key, value, weight, older: undefined, newer: undefined }
    this.#entries.set(key, entry)
    this.#append(entry)
    this.#weight += weight
    while (this.#weight > this.#size && this.#oldest !== undefined) this.delete(this.#oldest.key)
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#takeOut(entry)
    this.#weight -= entry.weight
  }

  #append(entry: Entry<Key, Value>): void {
    entry.older = this.#newest
    entry.newer = undefined
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #takeOut({ older, newer }: Entry<Key, Value>): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
