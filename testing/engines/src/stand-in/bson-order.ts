import { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import { isDocument, isList, type Document } from './bson-values.js'

interface Kind {
  readonly rank: number
  readonly holds: (value: unknown) => boolean
  /** Missing for the kinds that have one value only. */
  readonly compare?: (a: unknown, b: unknown) => number
}

function kind<T>(rank: number, holds: (value: unknown) => value is T, compare: (a: T, b: T) => number): Kind {
  return { rank, holds, compare: (a, b) => (holds(a) && holds(b) ? compare(a, b) : 0) }
}

function order<T extends number | bigint | string>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

type Numeric = number | bigint | Long | Decimal128

function isNumeric(value: unknown): value is Numeric {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Long ||
    value instanceof Decimal128
  )
}

function compareBinary(a: Binary, b: Binary): number {
  return (
    order(a.length(), b.length()) ||
    order(a.sub_type, b.sub_type) ||
    Buffer.compare(Buffer.from(a.value()), Buffer.from(b.value()))
  )
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const result = compareBson(a[i], b[i])
    if (result !== 0) return result
  }
  return order(a.length, b.length)
}

/** Field by field in the order they have: type, name, value. Not as JavaScript would, where order does not count. */
function compareDocuments(a: Document, b: Document): number {
  const names = Object.keys(b)
  for (const [i, nameA] of Object.keys(a).entries()) {
    const nameB = names[i]
    if (nameB === undefined) return 1
    const [valueA, valueB] = [a[nameA], b[nameB]]
    const result =
      order(kindOf(valueA).rank, kindOf(valueB).rank) || order(nameA, nameB) || compareBson(valueA, valueB)
    if (result !== 0) return result
  }
  return order(Object.keys(a).length, names.length)
}

// The order of the types: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
// A missing value stands before null, which is what makes `$eq: ['$missing', null]` false in an expression.
const KINDS: readonly Kind[] = [
  kind(10, isNumeric, (a, b) => order(Number(a.toString()), Number(b.toString()))),
  kind(
    15,
    (value) => typeof value === 'string',
    (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)),
  ),
  { rank: 1, holds: (value) => value === undefined },
  { rank: 5, holds: (value) => value === null },
  kind(
    40,
    (value) => typeof value === 'boolean',
    (a, b) => order(Number(a), Number(b)),
  ),
  kind(
    45,
    (value) => value instanceof Date,
    (a, b) => order(a.getTime(), b.getTime()),
  ),
  kind(25, isList, compareArrays),
  kind(20, isDocument, compareDocuments),
  kind(30, (value) => value instanceof Binary, compareBinary),
  kind(
    35,
    (value) => value instanceof ObjectId,
    (a, b) => order(a.toHexString(), b.toHexString()),
  ),
  kind(
    47,
    (value) => value instanceof Timestamp,
    (a, b) => a.compare(b),
  ),
  kind(
    50,
    (value) => value instanceof RegExp,
    (a, b) => order(String(a), String(b)),
  ),
  { rank: 0, holds: (value) => value instanceof MinKey },
  { rank: 127, holds: (value) => value instanceof MaxKey },
]

function kindOf(value: unknown): Kind {
  const found = KINDS.find(({ holds }) => holds(value))
  if (!found) throw new TypeError('a value of a type that the stand-in cannot compare')
  return found
}

/** Negative, zero or positive, in MongoDB's order over all types. */
export function compareBson(a: unknown, b: unknown): number {
  const [kindA, kindB] = [kindOf(a), kindOf(b)]
  return kindA === kindB ? (kindA.compare?.(a, b) ?? 0) : order(kindA.rank, kindB.rank)
}
