import { isLive, isMeant, StorageError, tombstone, wasEndedBy } from '@oauth-ratchet/core'
import type {
  GrantChanges,
  GrantPage,
  GrantRecord,
  GrantStore,
  ListFilter,
  Page,
  RevocationReason,
  RevokeFilter,
  RevokeOptions,
  RevokeResult,
  ScanFilter,
  TurnChange,
  TurnExpectation,
  TurnResult,
} from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import type { Collections } from './collections.js'
import type { Deployment, Patience, TimeLimits } from './deployment.js'
import { isDuplicateKey } from './driver-errors.js'
import { fromDocument, isIntact, toDocument } from './grant-documents.js'
import type { GrantDocument } from './grant-documents.js'
import { is, listed, liveAt, meant, turnable, unrevoked } from './grant-filters.js'
import { amendPipeline, revocationUpdate, turnPipeline } from './grant-updates.js'
import { revokePage } from './revoke-page.js'
import { scanPage } from './scan-page.js'
import { pageOfSubject } from './subject-pages.js'
import { UnsettledGrants } from './unsettled-grants.js'

/** How often a revocation looks again because the record changed between its look and its write. */
const ROUNDS = 10

/** Grants, a document each. Every operation on one grant names its `_id`, which is the shard key, by equality. */
export class MongooseGrants implements GrantStore {
  readonly #deployment: Deployment
  readonly #unsettled = new UnsettledGrants()

  constructor(deployment: Deployment) {
    this.#deployment = deployment
  }

  async create(record: GrantRecord): Promise<boolean> {
    try {
      await this.#write(record.id, ({ grants }, limits) =>
        grants.insertOne(toDocument(record), { ...limits }),
      )
      return true
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      return (await this.#findSettled(record.id))?.nonce === record.nonce
    }
  }

  /**
   * A read of the primary. While it is open how this process's latest write of the grant ended, a read that answers
   * only what no failover takes back: that is how the core finds out after a lost answer.
   */
  async find(id: string): Promise<GrantRecord | undefined> {
    if (this.#unsettled.has(id)) return this.#findSettled(id, { patient: true })
    const found = await this.#deployment.run(({ grants }, limits) => grants.findOne({ _id: is(id) }, limits))
    return found === null ? undefined : fromDocument(found)
  }

  async turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult> {
    const turned = await this.#update(id, turnable(id, expected), turnPipeline(expected.now, next), 'after')
    return turned === undefined
      ? { turned: false, grant: await this.#findSettled(id) }
      : { turned: true, grant: turned }
  }

  async amend(id: string, expectedRevision: number, changes: GrantChanges): ReturnType<GrantStore['amend']> {
    const filter = { _id: is(id), rev: is(expectedRevision), ...liveAt(changes.now) }
    const amended = await this.#update(id, filter, amendPipeline(changes), 'after')
    return amended === undefined
      ? { amended: false, grant: await this.#findSettled(id) }
      : { amended: true, grant: amended }
  }

  async renewAccessNonce(id: string, accessNonce: string): Promise<boolean> {
    const { matchedCount } = await this.#write(id, ({ grants }, limits) =>
      grants.updateOne(unrevoked(id), { $set: { access: accessNonce } }, { ...limits }),
    )
    return matchedCount === 1
  }

  /**
   * One update where the grant is live. Otherwise a look and a write that holds only if the look still does, and
   * both again if it does not.
   */
  async revoke(
    id: string,
    reason: RevocationReason,
    at: number,
    options: RevokeOptions,
  ): Promise<RevokeResult> {
    const { keepUntil, by } = options
    const live = { _id: is(id), ...liveAt(at), ...meant(options) }
    const update = revocationUpdate({ at, reason, by }, keepUntil)
    // Asked for again after a lost answer, it must not fail because the connection went with the answer.
    const patience = { patient: this.#unsettled.has(id) }
    for (let round = 0; round < ROUNDS; round += 1) {
      const ended = await this.#update(id, live, update, 'before', patience)
      if (ended !== undefined) return { ended: true, before: ended }

      const before = await this.#findSettled(id)
      if (before !== undefined && !isMeant(before, options)) return { ended: false, before }
      if (before !== undefined && isLive(before, at)) continue
      if (before?.revoked !== undefined && (before.expiresAt > at || before.revoked.by === by)) {
        if (await this.#keep(before, keepUntil)) return { ended: wasEndedBy(before, by), before }
        continue
      }
      if (!isMeant(undefined, options)) return { ended: false, before }
      if (await this.#bury(tombstone(id, { at, reason, by }, keepUntil), at)) return { ended: false, before }
    }
    throw new StorageError(`The grant changed under ${ROUNDS} attempts to revoke it`)
  }

  async listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    return this.#deployment.run(async ({ grants }, limits) => {
      const { found, ...rest } = await pageOfSubject(grants, hashes, listed(filter), page, limits)
      const unreadable = found.filter((document) => !isIntact(document)).map(({ _id }) => _id)
      return {
        grants: found.filter(isIntact).map(fromDocument),
        ...rest,
        ...(unreadable.length > 0 && { unreadable }),
      }
    })
  }

  revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    return this.#deployment.run(({ grants }, limits) => revokePage(grants, hashes, filter, page, limits))
  }

  scan(page: Page, filter?: ScanFilter): Promise<GrantPage> {
    return this.#deployment.run(({ grants }, limits) => scanPage(grants, page, filter, limits))
  }

  /** 0: the TTL indexes remove what has expired. */
  async purgeExpired(): Promise<number> {
    return 0
  }

  async #findSettled(id: string, patience?: Patience): Promise<GrantRecord | undefined> {
    const found = await this.#deployment.run(
      ({ grants }, limits) => this.#deployment.findSettled(grants, { _id: is(id) }, limits),
      patience,
    )
    return found === null ? undefined : fromDocument(found)
  }

  /** One conditional write of one document. Undefined where the condition does not hold. */
  async #update(
    id: string,
    filter: mongo.Filter<GrantDocument>,
    update: mongo.UpdateFilter<GrantDocument> | mongo.Document[],
    answered: 'before' | 'after',
    patience?: Patience,
  ): Promise<GrantRecord | undefined> {
    const document = await this.#write(
      id,
      ({ grants }, limits) =>
        grants.findOneAndUpdate(filter, update, { returnDocument: answered, ...limits }),
      patience,
    )
    return document === null ? undefined : fromDocument(document)
  }

  /** Whatever is done to one grant goes through here, so that its reads know of an outcome that stayed open. */
  #write<Answer>(
    id: string,
    work: (at: Collections, limits: TimeLimits) => Promise<Answer>,
    patience?: Patience,
  ): Promise<Answer> {
    return this.#unsettled.during(
      id,
      () => this.#deployment.run(work, patience),
      (error) => isDuplicateKey(error) || (error instanceof StorageError && error.outcome === 'not_applied'),
    )
  }

  /** Has a revoked record stay until then; the longest that any of its revocations asked for counts. */
  async #keep({ id, revoked, expiresAt }: GrantRecord, keepUntil: number): Promise<boolean> {
    if (keepUntil <= expiresAt) return true
    const { matchedCount } = await this.#write(id, ({ grants }, limits) =>
      grants.updateOne(
        { _id: is(id), 'revoked.by': is(revoked?.by) },
        { $max: { expires: new Date(keepUntil) } },
        { ...limits },
      ),
    )
    return matchedCount === 1
  }

  /** Puts a tombstone where there is nothing, or something that has expired. False if there is something live. */
  async #bury(record: GrantRecord, at: number): Promise<boolean> {
    const { _id, ...fields } = toDocument(record)
    try {
      await this.#write(_id, ({ grants }, limits) =>
        grants.replaceOne({ _id: is(_id), expires: { $lte: new Date(at) } }, fields, {
          upsert: true,
          ...limits,
        }),
      )
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }
}
