import { cursorAt, readCursor } from './cursors.js'
import { pageOf } from './page.js'
import type { Page, ValuePage, ValueRecord, ValueStore } from './storage.js'

/** The marks and short-lived values of `MemoryStorage`. */
export class MemoryValues implements ValueStore {
  readonly #marks = new Map<string, { readonly owner: string; readonly expiresAt: number }>()
  readonly #values = new Map<string, { readonly value: string; readonly expiresAt: number }>()

  async mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean> {
    const mark = this.#marks.get(key)
    if (mark !== undefined && mark.expiresAt > now) return mark.owner === owner
    this.#marks.set(key, { owner, expiresAt })
    return true
  }

  async isMarked(key: string, now: number): Promise<boolean> {
    const mark = this.#marks.get(key)
    return mark !== undefined && mark.expiresAt > now
  }

  async stash(key: string, value: string, expiresAt: number): Promise<void> {
    this.#values.set(key, { value, expiresAt })
  }

  async peek(key: string, now: number): Promise<string | undefined> {
    const entry = this.#values.get(key)
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined
  }

  async take(key: string, now: number): Promise<string | undefined> {
    const entry = this.#values.get(key)
    this.#values.delete(key)
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined
  }

  // Sorted at every page: an index would be kept up at every request, for what is asked by tools only.
  async scan({ cursor, limit }: Page): Promise<ValuePage> {
    const after = readCursor('values', cursor)
    const positions = [
      ...[...this.#marks.keys()].map((key) => `m${key}`),
      ...[...this.#values.keys()].map((key) => `v${key}`),
    ]
    const found = positions.filter((position) => position > after).toSorted()
    const { entries, ...rest } = pageOf(found, limit, (last) => cursorAt('values', last))
    return { values: entries.flatMap((position) => this.#at(position) ?? []), ...rest }
  }

  #at(position: string): ValueRecord | undefined {
    const key = position.slice(1)
    const mark = position.startsWith('m') ? this.#marks.get(key) : undefined
    if (mark !== undefined) return { kind: 'mark', key, ...mark }
    const value = this.#values.get(key)
    return value && { kind: 'value', key, ...value }
  }

  purge(now: number, limit: number): number {
    let removed = 0
    for (const entries of [this.#marks, this.#values]) {
      for (const [key, { expiresAt }] of entries) {
        if (removed === limit) return removed
        if (expiresAt <= now && entries.delete(key)) removed += 1
      }
    }
    return removed
  }
}
