import { Binary, deserialize, ObjectId, serialize } from 'bson'

export type Document = Record<string, unknown>

/**
 * mingo takes two values of one class for equal when their `toString()` is equal, and the Binary of `bson` answers
 * UTF-8 text there, in which different bytes can look the same. This one answers its bytes, in BSON's order:
 * length, subtype, content.
 */
export class ExactBinary extends Binary {
  override toString(): string {
    const bytes = Buffer.from(this.value())
    return [bytes.length.toString(16).padStart(8, '0'), this.sub_type, bytes.toString('hex')].join(':')
  }
}

export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

function revive(value: unknown): unknown {
  if (isList(value)) return value.map(revive)
  if (value instanceof Binary) return new ExactBinary(Uint8Array.from(value.value()), value.sub_type)
  return isDocument(value) ? reviveDocument(value) : value
}

function reviveDocument(document: Document): Document {
  const copy: Document = {}
  for (const key of Object.keys(document)) copy[key] = revive(document[key])
  return copy
}

/** Numbers come as JavaScript numbers (a Long too, where it is exact), bytes as {@link ExactBinary}. */
export function decode(bytes: Uint8Array): Document {
  return reviveDocument(deserialize(bytes, { promoteBuffers: false }))
}

export function encode(document: Document): Buffer {
  return Buffer.from(serialize(document))
}

/** The text under which an index files a value: equal values, equal text; a missing value is filed as null. */
export function keyOf(...values: readonly unknown[]): string {
  return encode({ v: values.map((value) => value ?? null) }).toString('latin1')
}

/** Through BSON and back: nothing is shared with the original, and `undefined` is gone as on a real server. */
export function copyOf(document: Document): Document {
  return decode(encode(document))
}

/** `_id` stands first in every stored document. */
export function withIdFirst(document: Document): Document {
  const { _id = new ObjectId(), ...rest } = document
  return { _id, ...rest }
}
