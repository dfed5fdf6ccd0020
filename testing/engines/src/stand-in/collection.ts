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

/** Documents in the order of their insertion. They are never handed out to be changed: `replace` is the one way. */
export class Collection {
  readonly indexes: IndexCatalog
  readonly #documents = new Map<string, Document>()

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
    if (id === undefined) return [...this.#documents.values()].filter(matches)
    const one = this.#documents.get(keyOf(id))
    return one && matches(one) ? [one] : []
  }

  insert(document: Document): Document {
    const stored = copyOf(withIdFirst(document))
    if (Array.isArray(stored['_id'])) throw new CommandError(53, "The '_id' value cannot be of type array")
    const id = keyOf(stored['_id'])
    this.indexes.check(stored)
    this.indexes.file(stored, id)
    this.#documents.set(id, stored)
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
    return { document, modified: true }
  }

  remove(document: Document): void {
    this.indexes.unfile(document)
    this.#documents.delete(keyOf(document['_id']))
  }

  removeExpired(nowMs: number): number {
    const expired = [...this.#documents.values()].filter((document) =>
      this.indexes.isExpired(document, nowMs),
    )
    for (const document of expired) this.remove(document)
    return expired.length
  }
}
