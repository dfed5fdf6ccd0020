import { compareBson } from './bson-order.js'
import { copyOf, encode, isDocument, keyOf, withIdFirst, type Document } from './bson-values.js'
import { CommandError } from './errors.js'
import { matcher } from './expressions.js'
import { IndexCatalog } from './indexes.js'

/** A literal value to look `_id` up by, or undefined where the filter says something else of it. */
function idIn(filter: Document): unknown {
  const id = filter['_id']
  if (!isDocument(id)) return id instanceof RegExp || Array.isArray(id) ? undefined : id
  const operators = Object.keys(id)
  if (operators.length === 1 && operators[0] === '$eq') return id['$eq']
  return operators.some((operator) => operator.startsWith('$')) ? undefined : id
}

/** The text behind which the filter looks for `_id`, or undefined where it says something else of it. */
function afterId(filter: Document): string | undefined {
  const id = filter['_id']
  const after = isDocument(id) ? id['$gt'] : undefined
  return typeof after === 'string' ? after : undefined
}

/** Documents in the order of their insertion. They are never handed out to be changed: `replace` is the one way. */
export class Collection {
  readonly indexes: IndexCatalog
  readonly #documents = new Map<string, Document>()
  /** The keys of all documents in the order of `_id`; undefined since one came or went. */
  #inOrder: string[] | undefined
  /** No document expires before this, as long as the indexes are those of this number of changes. */
  #nothingExpires = { before: -Infinity, changes: 0 }

  constructor(readonly namespace: string) {
    this.indexes = new IndexCatalog(namespace)
  }

  get size(): number {
    return this.#documents.size
  }

  get all(): ReadonlyMap<string, Document> {
    return this.#documents
  }

  find(filter: Document, hint?: unknown): Document[] {
    const meets = matcher(filter)
    const isKnown = this.indexes.hinted(hint)
    const matches = (document: Document): boolean => meets(document) && isKnown(document)
    const id = idIn(filter)
    if (id === undefined) return this.#among(filter).filter(matches)
    const one = this.#documents.get(keyOf(id))
    return one && matches(one) ? [one] : []
  }

  /** Those that can match the filter. */
  #among(filter: Document): Document[] {
    const keys = this.indexes.leadTo(filter)
    if (keys === undefined) return [...this.#documents.values()]
    return [...keys].map((key) => this.#documents.get(key)).filter((document) => document !== undefined)
  }

  /** The first that match in the order of `_id`, as an index leads to them: nothing behind the last of them is looked at. */
  firstById(filter: Document, most: number): Document[] {
    const meets = matcher(filter)
    const keys = this.#keysInOrder()
    const after = afterId(filter)
    const found: Document[] = []
    for (let at = after === undefined ? 0 : this.#placeBehind(keys, after); at < keys.length; at++) {
      if (found.length >= most) break
      const document = this.#documents.get(keys[at] ?? '')
      if (document !== undefined && meets(document)) found.push(document)
    }
    return found
  }

  #keysInOrder(): string[] {
    this.#inOrder ??= [...this.#documents]
      .toSorted(([, one], [, other]) => compareBson(one['_id'], other['_id']))
      .map(([key]) => key)
    return this.#inOrder
  }

  #placeBehind(keys: readonly string[], id: string): number {
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareBson(this.#documents.get(keys[middle] ?? '')?.['_id'], id) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  insert(document: Document): Document {
    const stored = copyOf(withIdFirst(document))
    if (Array.isArray(stored['_id'])) throw new CommandError(53, "The '_id' value cannot be of type array")
    const id = keyOf(stored['_id'])
    this.indexes.check(stored)
    this.indexes.file(stored, id)
    this.#documents.set(id, stored)
    this.#inOrder = undefined
    this.#noteExpiry(stored)
    return stored
  }

  /** Answers the document as it then stands, and whether a byte of it changed. */
  replace(old: Document, next: Document): { document: Document; modified: boolean } {
    const id = keyOf(old['_id'])
    const document = copyOf(withIdFirst({ _id: old['_id'], ...next }))
    if (keyOf(document['_id']) !== id)
      throw new CommandError(
        66,
        "Performing an update on the path '_id' would modify the immutable field '_id'",
      )
    if (encode(document).equals(encode(old))) return { document: old, modified: false }
    this.indexes.check(document, id)
    this.indexes.unfile(old)
    this.indexes.file(document, id)
    this.#documents.set(id, document)
    this.#noteExpiry(document)
    return { document, modified: true }
  }

  remove(document: Document): void {
    this.indexes.unfile(document)
    this.#documents.delete(keyOf(document['_id']))
    this.#inOrder = undefined
  }

  /** Looks at the documents only when one of them can have expired: this runs every second, and they may be 100,000. */
  removeExpired(nowMs: number): number {
    const { before, changes } = this.#nothingExpires
    if (changes === this.indexes.changes && nowMs < before) return 0
    const expired: Document[] = []
    this.#nothingExpires = { before: Infinity, changes: this.indexes.changes }
    for (const document of this.#documents.values()) {
      if (this.indexes.expiryOf(document) <= nowMs) expired.push(document)
      else this.#noteExpiry(document)
    }
    for (const document of expired) this.remove(document)
    return expired.length
  }

  #noteExpiry(document: Document): void {
    const expiry = this.indexes.expiryOf(document)
    if (expiry < this.#nothingExpires.before) this.#nothingExpires.before = expiry
  }
}
