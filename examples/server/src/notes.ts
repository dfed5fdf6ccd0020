import { randomUUID } from 'node:crypto'

export interface Note {
  readonly id: string
  readonly text: string
  readonly createdAt: string
}

const mostOwners = 1000
const mostNotes = 100

/** Notes in memory, bounded: beyond the limits the oldest are forgotten. */
export class Notes {
  readonly #byOwner = new Map<string, Note[]>()

  list(owner: string): readonly Note[] {
    return this.#byOwner.get(owner) ?? []
  }

  add(owner: string, text: string, now: number): Note {
    const note = { id: randomUUID(), text, createdAt: new Date(now).toISOString() }
    const notes = [...this.list(owner), note].slice(-mostNotes)
    this.#byOwner.delete(owner)
    this.#byOwner.set(owner, notes)
    const [oldest] = this.#byOwner.keys()
    if (this.#byOwner.size > mostOwners && oldest !== undefined) this.#byOwner.delete(oldest)
    return note
  }
}
