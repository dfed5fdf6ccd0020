import { cursorAt, pageOf, readCursor, StorageError } from '@oauth-ratchet/core'
import type { Page, ValuePage, ValueRecord, ValueStore } from '@oauth-ratchet/core'

import type { Collections, ValueDocument } from './collections.js'
import type { Deployment, TimeLimits } from './deployment.js'
import { isDuplicateKey } from './driver-errors.js'
import { is } from './grant-filters.js'

/** How often an upsert is run that finds the `_id` taken: of two for one new key one meets the other's document. */
const ATTEMPTS = 3

/** Marks and values, a document each. */
export class MongooseValues implements ValueStore {
  readonly #deployment: Deployment

  constructor(deployment: Deployment) {
    this.#deployment = deployment
  }

  /**
   * One upsert: it takes the place of nothing, of an expired mark, or of the caller's own. Where another's mark
   * stands none of that fits, so that it tries to insert, and the `_id` is taken.
   */
  async mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean> {
    return this.#upsert(({ values }, limits) =>
      values.updateOne(
        { _id: is(markId(key)), $or: [{ owner: is(owner) }, { expires: { $lte: new Date(now) } }] },
        { $set: { owner, expires: new Date(expiresAt) } },
        { upsert: true, ...limits },
      ),
    )
  }

  async isMarked(key: string, now: number): Promise<boolean> {
    return (await this.#find(markId(key), now)) !== undefined
  }

  async stash(key: string, value: string, expiresAt: number): Promise<void> {
    const document = { value, expires: new Date(expiresAt) }
    const stashed = await this.#upsert(({ values }, limits) =>
      values.replaceOne({ _id: is(valueId(key)) }, document, { upsert: true, ...limits }),
    )
    if (!stashed)
      throw new StorageError(`The value was replaced by others under ${ATTEMPTS} attempts to keep it`)
  }

  async peek(key: string, now: number): Promise<string | undefined> {
    return (await this.#find(valueId(key), now))?.value
  }

  async take(key: string, now: number): Promise<string | undefined> {
    const taken = await this.#deployment.run(({ values }, limits) =>
      values.findOneAndDelete({ _id: is(valueId(key)) }, { ...limits }),
    )
    return taken !== null && taken.expires.getTime() > now ? taken.value : undefined
  }

  async scan({ cursor, limit }: Page): Promise<ValuePage> {
    const after = readCursor('values', cursor)
    const found = await this.#deployment.run(({ values }, limits) =>
      values
        .find({ _id: { $gt: after } }, limits)
        .sort({ _id: 1 })
        .limit(limit + 1)
        .batchSize(limit + 1)
        .toArray(),
    )
    const { entries, ...rest } = pageOf(found, limit, ({ _id }) => cursorAt('values', _id))
    return { values: entries.map(toRecord), ...rest }
  }

  async #find(id: string, now: number): Promise<ValueDocument | undefined> {
    const found = await this.#deployment.run(({ values }, limits) =>
      values.findOne({ _id: is(id), expires: { $gt: new Date(now) } }, limits),
    )
    return found ?? undefined
  }

  /** False where the `_id` stays taken. One call whatever the attempts, so that none is begun after its time. */
  #upsert(upsert: (at: Collections, limits: TimeLimits) => Promise<unknown>): Promise<boolean> {
    return this.#deployment.run(async (at, limits) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        try {
          await upsert(at, limits)
          return true
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
        }
      }
      return false
    })
  }
}

function toRecord({ _id, owner, value, expires }: ValueDocument): ValueRecord {
  const key = _id.slice(markId('').length)
  const expiresAt = expires.getTime()
  return _id.startsWith(markId(''))
    ? { kind: 'mark', key, owner: owner ?? '', expiresAt }
    : { kind: 'value', key, value: value ?? '', expiresAt }
}

function markId(key: string): string {
  return `m:${key}`
}

function valueId(key: string): string {
  return `v:${key}`
}
