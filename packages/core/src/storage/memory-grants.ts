import type { MemoryValues } from './memory-values.js'
import {
  amendRecord,
  grantRecord,
  isAmendable,
  isListed,
  isSelected,
  isTurnable,
  revocation,
  revokedRecord,
  turnRecord,
} from './records.js'
import { pageOfKeys, SortedKeys } from './sorted-keys.js'
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
} from './storage.js'

/** The grants of `MemoryStorage`. */
export class MemoryGrants implements GrantStore {
  readonly #records = new Map<string, GrantRecord>()
  readonly #ids = new SortedKeys()
  /** By the name of an index: keys that sort by time of creation, then id. */
  readonly #indexes = new Map<string, SortedKeys>()
  readonly #values: MemoryValues

  constructor(values: MemoryValues) {
    this.#values = values
  }

  async create(record: GrantRecord): Promise<boolean> {
    const present = this.#records.get(record.id)
    if (present === undefined) this.#put(grantRecord(record))
    return present === undefined || present.nonce === record.nonce
  }

  async find(id: string): Promise<GrantRecord | undefined> {
    return this.#records.get(id)
  }

  async turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult> {
    const record = this.#records.get(id)
    if (record === undefined || !isTurnable(record, expected)) return { turned: false, grant: record }
    return { turned: true, grant: this.#put(turnRecord(record, expected.now, next)) }
  }

  async amend(id: string, revision: number, changes: GrantChanges): ReturnType<GrantStore['amend']> {
    const record = this.#records.get(id)
    if (record === undefined || !isAmendable(record, revision, changes.now)) {
      return { amended: false, grant: record }
    }
    return { amended: true, grant: this.#put(amendRecord(record, changes)) }
  }

  async renewAccessNonce(id: string, accessNonce: string): Promise<boolean> {
    const record = this.#records.get(id)
    if (record === undefined || record.revoked !== undefined) return false
    this.#put(grantRecord({ ...record, accessNonce }))
    return true
  }

  async revoke(
    id: string,
    reason: RevocationReason,
    at: number,
    options: RevokeOptions,
  ): Promise<RevokeResult> {
    const before = this.#records.get(id)
    const { ended, after } = revocation(id, before, { at, reason, by: options.by }, options)
    if (after !== undefined) this.#put(after)
    return { ended, before }
  }

  async listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    const { clientId } = filter
    const names = hashes.map((hash) =>
      filter.pending === true ? subjectIndex(hash) : listIndex(hash, clientId),
    )
    const { grants, ...rest } = this.#pageOfIndexes(names, page)
    return { grants: grants.filter((grant) => isListed(grant, filter)), ...rest }
  }

  async revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    const { at, reason, by, keepUntil } = filter
    const { grants, ...rest } = this.#pageOfIndexes(hashes.map(subjectIndex), page)
    const ended = grants.filter((grant) => isSelected(grant, filter))
    for (const grant of ended) {
      if (grant.revoked === undefined) this.#put(revokedRecord(grant, { at, reason, by }, keepUntil))
    }
    return { grants: ended, ...rest }
  }

  async scan(page: Page, { clientId }: ScanFilter = {}): Promise<GrantPage> {
    const { keys, ...rest } = pageOfKeys([this.#ids], 'grants', page)
    const grants = this.#recordsOf(keys)
    const fits = ({ clientId: of }: GrantRecord): boolean => clientId === undefined || of === clientId
    return { grants: grants.filter(fits), ...rest }
  }

  async purgeExpired(now: number, limit: number): Promise<number> {
    let removed = 0
    for (const record of this.#records.values()) {
      if (removed === limit) break
      if (record.expiresAt > now) continue
      this.#records.delete(record.id)
      this.#ids.delete(record.id)
      this.#unindex(record, indexesOf(record))
      removed += 1
    }
    return removed + this.#values.purge(now, limit - removed)
  }

  #put(record: GrantRecord): GrantRecord {
    const before = this.#records.get(record.id)
    this.#records.set(record.id, record)
    // As at every refresh, which moves a record in no index.
    if (before !== undefined && isIndexedAlike(before, record)) return record
    if (before === undefined) this.#ids.add(record.id)
    const [old, now] = [before === undefined ? [] : indexesOf(before), indexesOf(record)]
    if (before !== undefined)
      this.#unindex(
        before,
        old.filter((name) => !now.includes(name)),
      )
    for (const name of now) {
      if (old.includes(name)) continue
      const keys = this.#indexes.get(name) ?? new SortedKeys()
      keys.add(indexKey(record))
      this.#indexes.set(name, keys)
    }
    return record
  }

  #unindex(record: GrantRecord, names: readonly string[]): void {
    for (const name of names) {
      const keys = this.#indexes.get(name)
      keys?.delete(indexKey(record))
      if (keys?.size === 0) this.#indexes.delete(name)
    }
  }

  /** One order over all hashes: a grant that a turn moves to another hash during a walk keeps its place in it. */
  #pageOfIndexes(names: readonly string[], page: Page): GrantPage {
    const lists = [...new Set(names)].map((name) => this.#indexes.get(name) ?? new SortedKeys())
    const { keys, ...rest } = pageOfKeys(lists, 'subject', page)
    return { grants: this.#recordsOf(keys.map((key) => key.slice(TIME_DIGITS))), ...rest }
  }

  #recordsOf(ids: readonly string[]): GrantRecord[] {
    return ids.flatMap((id) => this.#records.get(id) ?? [])
  }
}

const TIME_DIGITS = 16

/** The indexes that a record is in: that of all grants of its subject, and those of the redeemed ones that have not ended. */
function indexesOf(record: GrantRecord): string[] {
  const { subjectHash, clientId, generation, revoked } = record
  const listed = generation > 0 && revoked === undefined
  return listed
    ? [subjectIndex(subjectHash), listIndex(subjectHash, undefined), listIndex(subjectHash, clientId)]
    : [subjectIndex(subjectHash)]
}

function isIndexedAlike(one: GrantRecord, other: GrantRecord): boolean {
  return (
    one.subjectHash === other.subjectHash &&
    one.clientId === other.clientId &&
    one.generation > 0 === other.generation > 0 &&
    (one.revoked === undefined) === (other.revoked === undefined)
  )
}

function subjectIndex(subjectHash: string): string {
  return JSON.stringify(['all', subjectHash])
}

function listIndex(subjectHash: string, clientId: string | undefined): string {
  return JSON.stringify(['listed', subjectHash, clientId])
}

function indexKey(record: GrantRecord): string {
  return String(record.createdAt).padStart(TIME_DIGITS, '0') + record.id
}
