import { Collection } from './collection.js'
import { CommandError } from './errors.js'

/** Databases and collections come into being when they are first written to. */
export class Databases {
  readonly #databases = new Map<string, Map<string, Collection>>()

  get names(): string[] {
    return [...this.#databases].filter(([, collections]) => collections.size > 0).map(([name]) => name)
  }

  collections(database: string): Collection[] {
    return [...(this.#databases.get(database)?.values() ?? [])]
  }

  find(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name)
  }

  open(database: string, name: string): Collection {
    const existing = this.find(database, name)
    if (existing) return existing
    if (name === '' || name.includes('$'))
      throw new CommandError(73, `Invalid namespace specified '${database}.${name}'`)
    const collections = this.#databases.get(database) ?? new Map<string, Collection>()
    this.#databases.set(database, collections)
    const collection = new Collection(`${database}.${name}`)
    collections.set(name, collection)
    return collection
  }

  drop(database: string, name: string): boolean {
    return this.#databases.get(database)?.delete(name) ?? false
  }

  dropDatabase(database: string): void {
    this.#databases.delete(database)
  }

  removeExpired(nowMs: number): number {
    let removed = 0
    for (const collections of this.#databases.values())
      for (const collection of collections.values()) removed += collection.removeExpired(nowMs)
    return removed
  }
}
