import type { Connection } from 'mongoose'

import type { CollectionNames } from './collections.js'
import { INDEXES } from './indexes.js'

/** Names of mongoose models to look at the documents with; none is registered that is not named. */
export type ModelNames = Partial<CollectionNames>

const STRING = { type: String } as const
const NUMBER = { type: Number } as const
const DATE = { type: Date } as const

/** The documents as mongoose describes them: every path there is. */
const PATHS = {
  grants: {
    _id: STRING,
    client: STRING,
    subject: STRING,
    session: STRING,
    key: STRING,
    proof: STRING,
    gen: NUMBER,
    nonce: STRING,
    prev: STRING,
    idem: STRING,
    prevIdem: STRING,
    access: STRING,
    created: DATE,
    turned: DATE,
    idle: NUMBER,
    absolute: DATE,
    offline: { type: Boolean },
    expires: DATE,
    rev: NUMBER,
    revoked: { at: DATE, reason: STRING, by: STRING },
    format: NUMBER,
    facts: STRING,
    seen: STRING,
  },
  values: { _id: STRING, owner: STRING, value: STRING, expires: DATE },
  clients: { _id: STRING, rev: NUMBER, data: STRING },
} as const

/**
 * Registers mongoose models on the connection, for the app to look at the documents with. The storage itself goes
 * past them, to the driver's collections of the same connection: what an app sets for its own models (plugins,
 * `sanitizeFilter`, `strictQuery`, buffering, transactions that are joined by themselves) must not change what a
 * turn does, and a path that a schema lacks would be left out of an update without a word.
 *
 * A model that is there already for the same collection is left as it is, so that two storages can share it.
 *
 * @throws {TypeError} when the name belongs to a model of another collection
 */
export function registerModels(
  connection: Connection,
  models: ModelNames,
  collections: CollectionNames,
): void {
  for (const part of ['grants', 'values', 'clients'] as const) {
    const name = models[part]
    if (name !== undefined) registerModel(connection, name, part, collections[part])
  }
}

function registerModel(
  connection: Connection,
  name: string,
  part: keyof CollectionNames,
  collection: string,
): void {
  const present = connection.models[name]
  if (present !== undefined) {
    if (present.collection.collectionName === collection) return
    throw new TypeError(
      `The connection has a model ${name} for the collection ${present.collection.collectionName}: choose another name in \`models\``,
    )
  }
  const schema = new connection.base.Schema(PATHS[part], {
    collection,
    versionKey: false,
    id: false,
    // init() builds the indexes, when it is asked to.
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  })
  // Declared all the same: syncIndexes() drops every index that no schema declares.
  for (const { key, ...options } of INDEXES[part]) schema.index({ ...key }, options)
  connection.model(name, schema)
}
