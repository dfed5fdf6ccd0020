import { Long } from 'bson'
import type { Document } from './bson-values.js'
import { CommandError } from './errors.js'

const DEFAULT_FIRST_BATCH = 101

interface Open {
  readonly namespace: string
  rest: readonly Document[]
}

/** What a query found and nobody has fetched yet. */
export class Cursors {
  readonly #open = new Map<string, Open>()
  #lastId = 0

  open(namespace: string, found: readonly Document[], batchSize: unknown, singleBatch = false): Document {
    const size = typeof batchSize === 'number' ? batchSize : DEFAULT_FIRST_BATCH
    const rest = singleBatch ? [] : found.slice(size)
    return { id: this.#keep(namespace, rest), ns: namespace, firstBatch: found.slice(0, size) }
  }

  more(id: unknown, batchSize: unknown): Document {
    const open = this.#open.get(String(id))
    if (!open) throw new CommandError(43, `cursor id ${String(id)} not found`)
    const size = typeof batchSize === 'number' && batchSize > 0 ? batchSize : open.rest.length
    const nextBatch = open.rest.slice(0, size)
    open.rest = open.rest.slice(size)
    if (open.rest.length === 0) this.#open.delete(String(id))
    return { id: Long.fromString(open.rest.length === 0 ? '0' : String(id)), ns: open.namespace, nextBatch }
  }

  kill(ids: readonly unknown[]): Document {
    const known = ids.filter((id) => this.#open.delete(String(id)))
    return {
      cursorsKilled: known,
      cursorsNotFound: ids.filter((id) => !known.includes(id)),
      cursorsAlive: [],
      cursorsUnknown: [],
    }
  }

  #keep(namespace: string, rest: readonly Document[]): Long {
    if (rest.length === 0) return Long.ZERO
    this.#lastId += 1
    this.#open.set(String(this.#lastId), { namespace, rest })
    return Long.fromNumber(this.#lastId)
  }
}
