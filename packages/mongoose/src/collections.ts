import type { mongo } from 'mongoose'

import type { GrantDocument } from './grant-documents.js'

/** Marks and values share a collection; the letter before the key keeps them apart. */
export interface ValueDocument {
  /** `m:` or `v:`, and the key. */
  readonly _id: string
  /** Of a mark. */
  readonly owner?: string
  /** Of a value. */
  readonly value?: string
  readonly expires: Date
}

export interface ClientDocument {
  readonly _id: string
  /** `revision` */
  readonly rev: number
  readonly data: string
}

/** A collection for each part of the storage. */
export interface CollectionNames {
  readonly grants: string
  readonly values: string
  readonly clients: string
}

export interface Collections {
  readonly grants: mongo.Collection<GrantDocument>
  readonly values: mongo.Collection<ValueDocument>
  readonly clients: mongo.Collection<ClientDocument>
}
