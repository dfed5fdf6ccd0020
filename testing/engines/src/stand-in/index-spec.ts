import { isDocument, keyOf, type Document } from './bson-values.js'
import { CommandError } from './errors.js'
import { partialFilterKey, UnsupportedFilter } from './partial-filter.js'

export type IndexSpec = Document & {
  readonly v: number
  readonly key: Document
  readonly name: string
  readonly unique?: boolean
  readonly sparse?: boolean
  readonly hidden?: boolean
  readonly partialFilterExpression?: Document
  readonly expireAfterSeconds?: number
}

const CANNOT_CREATE_INDEX = 67
const INVALID_OPTION = 197

const ID_OPTIONS = ['key', 'name', 'ns', 'v', 'collation']
const OPTIONS = new Set([
  ...ID_OPTIONS,
  'background',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'storageEngine',
  'prepareUnique',
])

/** Shown as the shell shows it. */
export function shell(value: unknown): string {
  if (isDocument(value))
    return `{ ${Object.entries(value)
      .map(([k, v]) => `${k}: ${shell(v)}`)
      .join(', ')} }`
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Date) return `new Date(${value.getTime()})`
  return String(value)
}

function checkKey(key: Document, refuse: (code: number, why: string) => never): void {
  if (Object.keys(key).length === 0) refuse(CANNOT_CREATE_INDEX, 'Index keys cannot be empty.')
  for (const direction of Object.values(key)) {
    if (direction === 0) refuse(CANNOT_CREATE_INDEX, 'Values in the index key pattern cannot be 0.')
    if (typeof direction === 'number' || direction === 'hashed') continue
    refuse(
      CANNOT_CREATE_INDEX,
      typeof direction === 'string'
        ? `Unknown index plugin '${direction}'`
        : 'Values in v:2 index key pattern must be numbers > 0, numbers < 0, or strings.',
    )
  }
}

function checkTimeToLive(spec: Document, refuse: (code: number, why: string) => never): void {
  const { expireAfterSeconds: seconds, key } = spec
  if (seconds === undefined) return
  if (typeof seconds !== 'number') refuse(14, "TTL index 'expireAfterSeconds' option must be numeric")
  else if (seconds < 0)
    refuse(CANNOT_CREATE_INDEX, "TTL index 'expireAfterSeconds' option cannot be less than 0")
  else if (Object.keys(isDocument(key) ? key : {}).length !== 1)
    refuse(CANNOT_CREATE_INDEX, 'TTL indexes are single-field indexes, compound indexes do not support TTL')
}

function checkPartialFilter(spec: Document, refuse: (code: number, why: string) => never): void {
  const { partialFilterExpression: filter, sparse } = spec
  if (filter === undefined) return
  if (!isDocument(filter)) return refuse(14, "The field 'partialFilterExpression' must be an object")
  if (sparse === true)
    refuse(CANNOT_CREATE_INDEX, 'cannot mix "partialFilterExpression" and "sparse" options')
  try {
    partialFilterKey(filter)
  } catch (error) {
    if (error instanceof UnsupportedFilter) refuse(CANNOT_CREATE_INDEX, error.message)
    throw error
  }
}

/** What is asked for, checked as a real server checks it. */
export function readIndexSpec(requested: Document): IndexSpec {
  const { key, name } = requested
  const refuse = (code: number, why: string): never => {
    throw new CommandError(code, `Error in specification ${shell(requested)} :: caused by :: ${why}`)
  }
  if (!isDocument(key)) return refuse(14, "The field 'key' must be an object")
  if (typeof name !== 'string') return refuse(14, "The field 'name' must be a string")
  if (name === '') return refuse(CANNOT_CREATE_INDEX, 'index name cannot be empty')
  const strange = Object.keys(requested).find((option) => !OPTIONS.has(option))
  if (strange !== undefined)
    return refuse(INVALID_OPTION, `The field '${strange}' is not valid for an index specification`)
  checkKey(key, refuse)
  if (!differs(key, { _id: 1 })) {
    const option = Object.keys(requested).find((field) => !ID_OPTIONS.includes(field))
    if (option !== undefined)
      return refuse(INVALID_OPTION, `The field '${option}' is not valid for an _id index specification`)
  }
  checkTimeToLive(requested, refuse)
  checkPartialFilter(requested, refuse)
  return { v: 2, key, name, ...requested }
}

export function differs(a: unknown, b: unknown): boolean {
  return keyOf(a) !== keyOf(b)
}

/** These make an index another index; any other difference is the same index with other options. */
function signatureOf({ key, unique, sparse, collation, partialFilterExpression: filter }: IndexSpec): string {
  return keyOf(key, unique === true, sparse === true, collation, filter && partialFilterKey(filter))
}

export function sameSignature(a: IndexSpec, b: IndexSpec): boolean {
  return signatureOf(a) === signatureOf(b)
}

/** Of the signature, of no account, or to be changed later without a new index. */
const NOT_COMPARED = new Set([
  'key',
  'unique',
  'sparse',
  'collation',
  'partialFilterExpression',
  'v',
  'name',
  'ns',
  'background',
  'hidden',
])

export function sameOptions(a: IndexSpec, b: IndexSpec): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)].filter((name) => !NOT_COMPARED.has(name)))
  return [...names].every((name) => !differs(a[name], b[name]))
}
