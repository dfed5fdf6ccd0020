import { isTurnable } from '@oauth-ratchet/core'
import type {
  GrantChanges,
  GrantPage,
  GrantRecord,
  GrantStore,
  ListFilter,
  Page,
  Reseal,
  RevocationReason,
  RevokeFilter,
  RevokeOptions,
  RevokeResult,
  ScanFilter,
  TurnChange,
  TurnExpectation,
  TurnResult,
} from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { GrantPages } from './grant-pages.js'
import { decodeGrant, encodeGrant } from './grant-record.js'
import { indexed, UNKNOWN } from './index-entry.js'
import type { IndexedGrant } from './index-entry.js'
import type { Keys } from './keys.js'
import { leadsNowhere } from './leads-nowhere.js'
import { packStrings, packValues } from './packed-strings.js'
import { numberArgument, timeArgument } from './script-arguments.js'
import { grantAmend, grantCreate, grantRenewAccessNonce, grantRevoke, grantTurn } from './scripts.js'
import { StoredGrants } from './stored-grants.js'
import { SubjectIndex } from './subject-index.js'

/** Grants, one key each: every change is one script on that key, so one slot of a cluster and one round trip. */
export class RedisGrants implements GrantStore {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #stored: StoredGrants
  readonly #index: SubjectIndex
  readonly #pages: GrantPages

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
    this.#stored = new StoredGrants(connection, keys)
    this.#index = new SubjectIndex(connection, keys)
    this.#pages = new GrantPages({ connection, keys, stored: this.#stored, index: this.#index })
  }

  async create(record: GrantRecord): Promise<boolean> {
    const { subjectHash } = record
    const deadline = this.#connection.deadline()
    // An ended one has no entry: its entries are removed when it ends.
    if (record.revoked === undefined) await this.#enterNew(record, deadline)
    const parameters = [encodeGrant(record), timeArgument(record.expiresAt)]
    const reply = await this.#stored.run(grantCreate, record.id, parameters, deadline)
    if (reply === null) return true
    const present = decodeGrant(record.id, reply, 0, 'unknown')
    // Not where it is alive under this hash: that entry is the living one's.
    if (present.revoked !== undefined || present.subjectHash !== subjectHash) {
      await this.#index.forget([subjectHash], [record])
    }
    return present.nonce === record.nonce
  }

  find(id: string): Promise<GrantRecord | undefined> {
    return this.#stored.find(id)
  }

  /**
   * One script. Before the first turn of a grant, and before one that may move it to another hash, its index entries
   * are written: for that the grant is read, and where the read shows that it will not turn nothing more is done.
   */
  async turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult> {
    const { reseal } = next
    const deadline = this.#connection.deadline()
    const needsEntries = expected.generation === 0 || reseal !== undefined
    const before = needsEntries ? await this.#stored.find(id, deadline) : undefined
    if (needsEntries && (before === undefined || !isTurnable(before, expected))) {
      return { turned: false, grant: before }
    }
    const hashes = before === undefined ? [] : await this.#enterBeforeTurn(before, reseal, deadline)
    const { offline } = next
    const parameters: (string | Buffer)[] = [
      packValues([
        expected.now,
        expected.generation,
        expected.maxFormat,
        expected.nonce,
        expected.clientId,
        expected.boundKey,
        next.maxIdleLifetime,
        next.maxAbsoluteLifetime,
        next.nonce,
        next.keyHash,
        next.seen,
      ]),
    ]
    if (reseal !== undefined) parameters.push(packReseal(reseal))
    else if (offline !== undefined) parameters.push('')
    if (offline !== undefined)
      parameters.push(packValues([offline.maxIdleLifetime, offline.maxAbsoluteLifetime]))
    const { done, grant } = await this.#stored.ask(grantTurn, id, parameters, deadline)
    // Ended between the look and the turn: whoever ended it may have removed its entries before these were written.
    if (grant?.revoked !== undefined) await this.#index.forget(hashes, [grant])
    return { turned: done, grant }
  }

  async amend(id: string, expectedRevision: number, changes: GrantChanges): ReturnType<GrantStore['amend']> {
    const { lifetimes } = changes
    const deadline = this.#connection.deadline()
    if (lifetimes !== undefined) await this.#lengthenIndex(id, lifetimes.absoluteExpiresAt, deadline)
    const parameters = [
      numberArgument(changes.now),
      numberArgument(expectedRevision),
      numberArgument(changes.format ?? null),
      packStrings([changes.facts, changes.seen]),
      ...(lifetimes === undefined
        ? []
        : [numberArgument(lifetimes.idleLifetime), numberArgument(lifetimes.absoluteExpiresAt)]),
    ]
    const { done, grant } = await this.#stored.ask(grantAmend, id, parameters, deadline)
    return { amended: done, grant }
  }

  async renewAccessNonce(id: string, accessNonce: string): Promise<boolean> {
    const parameters = [packStrings([accessNonce])]
    return Number(await this.#connection.run(grantRenewAccessNonce, [this.#keys.grant(id)], parameters)) === 1
  }

  async revoke(
    id: string,
    reason: RevocationReason,
    at: number,
    options: RevokeOptions,
  ): Promise<RevokeResult> {
    const { subjectHashes, expected, keepUntil, by } = options
    const revision = expected?.revision === undefined ? undefined : numberArgument(expected.revision)
    const parameters = [
      numberArgument(at),
      numberArgument(keepUntil),
      packStrings([reason, by, expected?.nonce, revision]),
      ...(subjectHashes === undefined ? [] : [packStrings(subjectHashes)]),
    ]
    const { done: ended, grant: before } = await this.#stored.ask(grantRevoke, id, parameters)
    const isRevoked =
      ended || before?.revoked !== undefined || (subjectHashes === undefined && expected === undefined)
    if (before !== undefined && isRevoked) await this.#index.forget([before.subjectHash], [before])
    return { ended, before }
  }

  listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    return this.#pages.listBySubject(hashes, filter, page)
  }

  revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    return this.#pages.revokeBySubject(hashes, filter, page)
  }

  scan(page: Page, filter?: ScanFilter): Promise<GrantPage> {
    return this.#pages.scan(page, filter)
  }

  /** Nothing to do: every key expires by itself. */
  async purgeExpired(): Promise<number> {
    return 0
  }

  async #enterNew(record: GrantRecord, deadline: Deadline): Promise<void> {
    const { subjectHash, absoluteExpiresAt, createdAt } = record
    const lists = record.generation === 0 ? (['all'] as const) : (['all', 'redeemed'] as const)
    const others = await this.#index.enter(subjectHash, indexed(record), lists, absoluteExpiresAt, deadline)
    void this.#forgetEnded(subjectHash, others, createdAt)
  }

  /**
   * Under the hash that it has, for the facts may change and the reseal be left out, and under the one that it gets.
   *
   * @returns the hashes under which something was entered
   */
  async #enterBeforeTurn(
    grant: GrantRecord,
    reseal: Reseal | undefined,
    deadline: Deadline,
  ): Promise<readonly string[]> {
    const { subjectHash, absoluteExpiresAt } = grant
    const hashes: string[] = []
    const entered: Promise<unknown>[] = []
    if (grant.generation === 0) {
      hashes.push(subjectHash)
      entered.push(this.#index.enter(subjectHash, indexed(grant), ['redeemed'], absoluteExpiresAt, deadline))
    }
    if (
      reseal !== undefined &&
      (reseal.subjectHash !== subjectHash || reseal.sessionHash !== grant.sessionHash)
    ) {
      const resealed = { ...indexed(grant), session: UNKNOWN }
      hashes.push(reseal.subjectHash)
      entered.push(
        this.#index.enter(reseal.subjectHash, resealed, ['all', 'redeemed'], absoluteExpiresAt, deadline),
      )
    }
    await Promise.all(entered)
    return hashes
  }

  async #lengthenIndex(id: string, absoluteExpiresAt: number | null, deadline: Deadline): Promise<void> {
    const grant = await this.#stored.find(id, deadline)
    if (grant === undefined || grant.revoked !== undefined) return
    await this.#index.enter(grant.subjectHash, indexed(grant), [], absoluteExpiresAt, deadline)
  }

  /** Housekeeping beside a creation, which neither waits for it nor fails with it. */
  async #forgetEnded(subjectHash: string, others: readonly IndexedGrant[], now: number): Promise<void> {
    const looked = await Promise.allSettled(others.map(({ id }) => this.find(id)))
    const ended = others.filter((entry, index) => {
      const look = looked[index]
      return look?.status === 'fulfilled' && leadsNowhere(entry, look.value, now)
    })
    await this.#index.forget([subjectHash], ended)
  }
}

function packReseal({ revision, format, facts, subjectHash, sessionHash }: Reseal): Buffer {
  return packValues([revision, format, facts, subjectHash, sessionHash])
}
