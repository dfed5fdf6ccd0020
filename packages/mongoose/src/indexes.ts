import { StorageError } from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import type { CollectionNames } from './collections.js'
import { isMissingCollection } from './driver-errors.js'
import { LISTABLE } from './grant-filters.js'

export interface IndexDefinition {
  readonly name: string
  readonly key: Readonly<Record<string, 1>>
  /** Makes it a TTL index: 0 seconds after the date that is in the field. */
  readonly expireAfterSeconds?: 0
  /** Only documents that fit are in it. A query must name all of it for the server to use the index. */
  readonly partialFilterExpression?: mongo.Document
}

const BY_EXPIRY: IndexDefinition = { name: 'by_expiry', key: { expires: 1 }, expireAfterSeconds: 0 }

/** Every index that the storage needs. Clients are only ever looked up by `_id`. */
export const INDEXES: Readonly<Record<keyof CollectionNames, readonly IndexDefinition[]>> = {
  grants: [
    // All of a subject's, for those that are to be ended.
    { name: 'by_subject', key: { subject: 1, created: 1, _id: 1 } },
    // What is listed, at every sign-in too: neither what has ended nor unredeemed codes. With the client as its last field
    // other clients' are passed over in the index; a refresh changes none of its fields, and so does not write it.
    {
      name: 'by_subject_redeemed',
      key: { subject: 1, created: 1, _id: 1, client: 1 },
      partialFilterExpression: LISTABLE,
    },
    BY_EXPIRY,
  ],
  values: [BY_EXPIRY],
  clients: [],
}

/** What makes an index another one to us. Anything else, such as its version, is the server's own affair. */
const OPTIONS = ['expireAfterSeconds', 'unique', 'sparse', 'partialFilterExpression', 'collation', 'hidden']

/**
 * Builds the indexes that are missing, and changes none that is there. Several processes may do so at once. Nothing
 * is built where all are there: a build waits for every member, and a start must not.
 *
 * @throws {StorageError} when an index is there with other options, in words that say what to do
 */
export async function ensureIndexes<Document extends mongo.Document>(
  collection: mongo.Collection<Document>,
  definitions: readonly IndexDefinition[],
): Promise<void> {
  const present = await indexesOf(collection)
  const drifts = definitions.flatMap((wanted) => driftOf(collection.collectionName, wanted, present) ?? [])
  if (drifts.length > 0) throw new StorageError(drifts.join(' '), { outcome: 'not_applied' })
  const missing = definitions.filter(({ key }) => !present.some((index) => sameKey(index, key)))
  if (missing.length > 0) {
    await collection.createIndexes(
      missing.map((definition) => ({ ...definition, key: { ...definition.key } })),
    )
  }
}

async function indexesOf<Document extends mongo.Document>(
  collection: mongo.Collection<Document>,
): Promise<mongo.Document[]> {
  try {
    return await collection.listIndexes().toArray()
  } catch (error) {
    if (isMissingCollection(error)) return []
    throw error
  }
}

/** The sentence about an index that stands in the way of the wanted one; undefined where none does. */
function driftOf(
  collection: string,
  wanted: IndexDefinition,
  present: readonly mongo.Document[],
): string | undefined {
  const sameFields = present.filter((index) => sameKey(index, wanted.key))
  if (sameFields.some((index) => differences(index, wanted).length === 0)) return undefined
  const [other] = sameFields
  const remedy = (name: unknown): string =>
    `Drop it with db.getCollection(${JSON.stringify(collection)}).dropIndex(${JSON.stringify(name)}) and call init() again, which builds it as it must be.`
  if (other !== undefined) {
    const found = differences(other, wanted).join(', ')
    return `The collection ${collection} has an index ${String(other['name'])} on ${JSON.stringify(wanted.key)} with ${found}. ${remedy(other['name'])}`
  }
  const namesake = present.find(({ name }) => name === wanted.name)
  if (namesake === undefined) return undefined
  return `The collection ${collection} has an index named ${wanted.name} on ${JSON.stringify(namesake['key'])} where one on ${JSON.stringify(wanted.key)} is needed. ${remedy(wanted.name)}`
}

function sameKey(index: mongo.Document, key: IndexDefinition['key']): boolean {
  return JSON.stringify(index['key']) === JSON.stringify(key)
}

/** Each option that is not what it must be, as `option value instead of value`. */
function differences(index: mongo.Document, wanted: IndexDefinition): string[] {
  const definition: Readonly<Record<string, unknown>> = { ...wanted }
  return OPTIONS.flatMap((option) => {
    const [is, mustBe] = [shown(index[option]), shown(definition[option])]
    return is === mustBe ? [] : [`${option} ${is} instead of ${mustBe}`]
  })
}

/** An option that is false is one that is not there. */
function shown(value: unknown): string {
  return value === undefined || value === false ? 'none' : JSON.stringify(value)
}
