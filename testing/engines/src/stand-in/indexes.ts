import { isDocument, isList, keyOf, type Document } from './bson-values.js'
import { badValue, CommandError } from './errors.js'
import { matcher } from './expressions.js'
import { differs, readIndexSpec, sameOptions, sameSignature, shell, type IndexSpec } from './index-spec.js'
import { valuesOn } from './sorting.js'

interface Index {
  readonly spec: IndexSpec
  readonly covers: (document: Document) => boolean
  /** For a unique index: which document holds a key. */
  readonly holders: Map<string, string> | undefined
  /** By a string in the first field: the keys of the documents that have it there, whether or not the index covers them. */
  readonly leads: Map<string, Set<string>>
}

const ID_INDEX: IndexSpec = { v: 2, key: { _id: 1 }, name: '_id_' }

/** Every key under which an index files a document: one for each element where a field is an array. */
function keysOf(spec: IndexSpec, document: Document): unknown[][] {
  return Object.keys(spec.key).reduce<unknown[][]>(
    (keys, path) => {
      const values = valuesOn(document, path)
      return keys.flatMap((key) =>
        (values.length === 0 ? [undefined] : values).map((value) => [...key, value ?? null]),
      )
    },
    [[]],
  )
}

function duplicateKey(namespace: string, spec: IndexSpec, key: readonly unknown[]): CommandError {
  const keyValue = Object.fromEntries(Object.keys(spec.key).map((path, i) => [path, key[i]]))
  return new CommandError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: ${shell(keyValue)}`,
    { keyPattern: spec.key, keyValue },
  )
}

function indexFor(spec: IndexSpec): Index {
  const matchesFilter = spec.partialFilterExpression ? matcher(spec.partialFilterExpression) : () => true
  const hasField = (document: Document): boolean =>
    !spec.sparse ||
    Object.keys(spec.key).some((path) => valuesOn(document, path).some((v) => v !== undefined))
  return {
    spec,
    covers: (document) => matchesFilter(document) && hasField(document),
    holders: spec.unique || spec.name === '_id_' ? new Map() : undefined,
    leads: new Map(),
  }
}

/** The strings in the first field of an index under which a document is looked up by {@link IndexCatalog.leadTo}. */
function leadsOf({ key, name }: IndexSpec, document: Document): string[] {
  const path = name === '_id_' ? undefined : Object.keys(key)[0]
  if (path === undefined) return []
  return valuesOn(document, path).filter((value) => typeof value === 'string')
}

/** The strings of which a filter says that a field has one of them; undefined where it says something else. */
function stringsIn(filter: Document, path: string): readonly string[] | undefined {
  const value = filter[path]
  if (typeof value === 'string') return [value]
  if (!isDocument(value)) return undefined
  if (typeof value['$eq'] === 'string') return [value['$eq']]
  const list: unknown = value['$in']
  return isList(list) && list.every((one) => typeof one === 'string') ? list : undefined
}

export class IndexCatalog {
  readonly #namespace: string
  readonly #indexes: Index[] = [indexFor(ID_INDEX)]
  /** How often an index came or went. */
  changes = 0

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  get specs(): readonly IndexSpec[] {
    return this.#indexes.map((index) => index.spec)
  }

  /** Throws E11000 where `document` would take the key of another one than `itself`. */
  check(document: Document, itself?: string): void {
    for (const { spec, covers, holders } of this.#indexes) {
      if (!holders || !covers(document)) continue
      for (const key of keysOf(spec, document)) {
        const holder = holders.get(keyOf(...key))
        if (holder !== undefined && holder !== itself) throw duplicateKey(this.#namespace, spec, key)
      }
    }
  }

  file(document: Document, id: string): void {
    for (const { spec, covers, holders, leads } of this.#indexes) {
      if (holders && covers(document))
        for (const key of keysOf(spec, document)) holders.set(keyOf(...key), id)
      for (const lead of leadsOf(spec, document)) leads.set(lead, (leads.get(lead) ?? new Set()).add(id))
    }
  }

  unfile(document: Document): void {
    const id = keyOf(document['_id'])
    for (const { spec, covers, holders, leads } of this.#indexes) {
      if (holders && covers(document)) for (const key of keysOf(spec, document)) holders.delete(keyOf(...key))
      for (const lead of leadsOf(spec, document)) {
        leads.get(lead)?.delete(id)
        if (leads.get(lead)?.size === 0) leads.delete(lead)
      }
    }
  }

  /**
   * The keys of all documents that can match the filter, by an index whose first field it compares with strings;
   * undefined where there is none, and every document must be looked at.
   */
  leadTo(filter: Document): ReadonlySet<string> | undefined {
    const and: unknown = filter['$and']
    const clauses = [filter, ...(isList(and) ? and.filter(isDocument) : [])]
    for (const { spec, leads } of this.#indexes) {
      const path = spec.name === '_id_' ? undefined : Object.keys(spec.key)[0]
      if (path === undefined) continue
      for (const clause of clauses) {
        const strings = stringsIn(clause, path)
        if (strings !== undefined) return new Set(strings.flatMap((one) => [...(leads.get(one) ?? [])]))
      }
    }
    return undefined
  }

  /** Builds an index over what is there. An index that exists already is left alone. */
  create(requested: Document, documents: ReadonlyMap<string, Document>): void {
    const spec = readIndexSpec(requested)
    if (this.#exists(spec)) return
    const index = indexFor(spec)
    this.#indexes.push(index)
    this.changes += 1
    try {
      for (const [id, document] of documents) {
        this.check(document, id)
        this.file(document, id)
      }
    } catch (error) {
      this.#indexes.pop()
      throw error
    }
  }

  #exists(spec: IndexSpec): boolean {
    const named = this.#indexes.find((index) => index.spec.name === spec.name)?.spec
    if (named) {
      const both = `Requested index: ${shell(spec)}, existing index: ${shell(named)}`
      if (!sameSignature(named, spec))
        throw new CommandError(86, `An existing index has the same name as the requested index. ${both}`)
      if (!sameOptions(named, spec))
        throw new CommandError(
          85,
          `An equivalent index already exists with the same name but different options. ${both}`,
        )
      return true
    }
    const equivalent = this.#indexes.find((index) => sameSignature(index.spec, spec))?.spec
    if (!equivalent) return false
    if (equivalent.name === '_id_') return true
    throw new CommandError(
      85,
      sameOptions(equivalent, spec)
        ? `Index already exists with a different name: ${equivalent.name}`
        : `An equivalent index already exists with a different name and options. Requested index: ${shell(spec)}, existing index: ${shell(equivalent)}`,
    )
  }

  drop(which: unknown): void {
    if (which === '_id_') throw new CommandError(72, 'cannot drop _id index')
    const doomed = (which === '*' ? this.#indexes : this.#named(which)).filter(
      ({ spec }) => spec.name !== '_id_',
    )
    if (which !== '*' && doomed.length === 0)
      throw new CommandError(27, `index not found with name [${shell(which)}]`)
    if (which !== '*' && doomed.length > 1)
      throw new CommandError(
        181,
        `${doomed.length} indexes found for key: ${shell(which)}, identify by name instead.`,
      )
    this.changes += 1
    for (const index of doomed) this.#indexes.splice(this.#indexes.indexOf(index), 1)
  }

  /** Which documents a query finds that must take the index it names: an index that has not all hides the others. */
  hinted(hint: unknown): (document: Document) => boolean {
    if (hint === undefined) return () => true
    if (isDocument(hint) && (Object.keys(hint).length === 0 || '$natural' in hint)) return () => true
    if (typeof hint !== 'string' && !isDocument(hint))
      throw new CommandError(9, 'hint must be specified as a string or an object')
    const [index, other] = this.#named(hint).filter(({ spec }) => spec.hidden !== true)
    if (!index)
      throw badValue(
        'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
      )
    if (other)
      throw new CommandError(
        27,
        `error processing query: planner returned error :: caused by :: Hint matched multiple indexes, must hint by index name. Matched: ${index.spec.name} and ${other.spec.name}`,
      )
    return index.covers
  }

  /** Those of a name, or of a key. */
  #named(which: unknown): Index[] {
    return this.#indexes.filter(
      ({ spec }) => spec.name === which || (isDocument(which) && !differs(spec.key, which)),
    )
  }

  /** When a TTL index has a document go, in ms since the epoch; infinity: never. Of an array of dates the earliest counts. */
  expiryOf(document: Document): number {
    let expiry = Infinity
    for (const { spec, covers } of this.#indexes) {
      const path = Object.keys(spec.key)[0]
      if (spec.expireAfterSeconds === undefined || path === undefined || !covers(document)) continue
      for (const value of valuesOn(document, path))
        if (value instanceof Date) expiry = Math.min(expiry, value.getTime() + spec.expireAfterSeconds * 1000)
    }
    return expiry
  }
}
