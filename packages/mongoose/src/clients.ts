import { cursorAt, pageOf, readCursor } from '@oauth-ratchet/core'
import type { ClientRecord, ClientStore, Page } from '@oauth-ratchet/core'

import type { ClientDocument } from './collections.js'
import type { Deployment } from './deployment.js'
import { isDuplicateKey } from './driver-errors.js'
import { is } from './grant-filters.js'

/** Client documents, replaced only at the revision that the caller has seen. */
export class MongooseClients implements ClientStore {
  readonly #deployment: Deployment

  constructor(deployment: Deployment) {
    this.#deployment = deployment
  }

  async find(id: string): Promise<ClientRecord | undefined> {
    const found = await this.#deployment.run(({ clients }, limits) =>
      clients.findOne({ _id: is(id) }, limits),
    )
    return found === null ? undefined : toRecord(found)
  }

  async save(client: ClientRecord, expectedRevision: number | null): Promise<boolean> {
    const { id, revision: rev, data } = client
    const saved =
      expectedRevision === null
        ? await this.#insert({ _id: id, rev, data })
        : await this.#replace({ _id: id, rev, data }, expectedRevision)
    if (saved) return true
    const present = await this.#deployment.run(({ clients }, limits) =>
      this.#deployment.findSettled(clients, { _id: is(id) }, limits),
    )
    return present?.rev === rev && present.data === data
  }

  async remove(id: string): Promise<boolean> {
    const { deletedCount } = await this.#deployment.run(({ clients }, limits) =>
      clients.deleteOne({ _id: is(id) }, { ...limits }),
    )
    return deletedCount === 1
  }

  async list({ cursor, limit }: Page): Promise<{ clients: readonly ClientRecord[]; cursor?: string }> {
    const after = readCursor('clients', cursor)
    const found = await this.#deployment.run((at, limits) =>
      at.clients
        .find({ _id: { $gt: after } }, limits)
        .sort({ _id: 1 })
        .limit(limit + 1)
        .batchSize(limit + 1)
        .toArray(),
    )
    const { entries, ...rest } = pageOf(found, limit, ({ _id }) => cursorAt('clients', _id))
    return { clients: entries.map(toRecord), ...rest }
  }

  async #insert(document: ClientDocument): Promise<boolean> {
    try {
      await this.#deployment.run(({ clients }, limits) => clients.insertOne(document, { ...limits }))
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }

  async #replace({ _id, rev, data }: ClientDocument, expectedRevision: number): Promise<boolean> {
    const { matchedCount } = await this.#deployment.run(({ clients }, limits) =>
      clients.updateOne({ _id: is(_id), rev: is(expectedRevision) }, { $set: { rev, data } }, { ...limits }),
    )
    return matchedCount === 1
  }
}

function toRecord({ _id, rev, data }: ClientDocument): ClientRecord {
  return { id: _id, revision: rev, data }
}
