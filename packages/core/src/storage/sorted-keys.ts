import { cursorAt, readCursor } from './cursors.js'
import type { Listing } from './cursors.js'
import { pageOf } from './page.js'
import type { Page } from './storage.js'

/** Distinct strings in ascending order, so that a page begins where the one before ended. */
export class SortedKeys {
  readonly #keys: string[] = []

  get size(): number {
    return this.#keys.length
  }

  add(key: string): void {
    this.#keys.splice(this.#countUpTo(key), 0, key)
  }

  delete(key: string): void {
    const index = this.#countUpTo(key) - 1
    if (this.#keys[index] === key) this.#keys.splice(index, 1)
  }

  after(key: string, limit: number): string[] {
    const start = this.#countUpTo(key)
    return this.#keys.slice(start, start + limit)
  }

  #countUpTo(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] ?? '') <= key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** One page of the merged lists. */
export function pageOfKeys(
  lists: readonly SortedKeys[],
  listing: Listing,
  { cursor, limit }: Page,
): { readonly keys: readonly string[]; readonly cursor?: string } {
  const after = readCursor(listing, cursor)
  const found = lists.flatMap((list) => list.after(after, limit + 1)).toSorted()
  const { entries: keys, ...rest } = pageOf(found, limit, (last) => cursorAt(listing, last))
  return { keys, ...rest }
}
