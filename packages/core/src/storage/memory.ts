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
import { cursorAt, readCursor } from './cursors.js'
import { pageOf } from './page.js'
import { pageOfKeys, SortedKeys } from './sorted-keys.js'
import type {
  ClientRecord,
  ClientStore,
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
  Storage,
  TurnChange,
  TurnExpectation,
  TurnResult,
  ValuePage,
  ValueRecord,
  ValueStore,
} from './storage.js'

/**
 * A storage in this process's memory, for tests and development: what it holds ends with the process, and a second
 * process sees none of it. Every method does its work before it first yields, so each is atomic. Records are
 * answered as frozen copies.
 */
export class MemoryStorage implements Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore = new MemoryClients()

  constructor() {
    const values = new MemoryValues()
    this.values = values
    this.grants = new MemoryGrants(values)
  }

  async init(): Promise<void> {}

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}

class MemoryGrants implements GrantStore {
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

class MemoryValues implements ValueStore {
  readonly #marks = new Map<string, { readonly owner: string; readonly expiresAt: number }>()
  readonly #values = new Map<string, { readonly value: string; readonly expiresAt: number }>()

  async mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean> {
    const mark = this.#marks.get(key)
    if (mark !== undefined && mark.expiresAt > now) return mark.owner === owner
    this.#marks.set(key, { owner, expiresAt })
    return true
  }

  async isMarked(key: string, now: number): Promise<boolean> {
    const mark = this.#marks.get(key)
    return mark !== undefined && mark.expiresAt > now
  }

  async stash(key: string, value: string, expiresAt: number): Promise<void> {
    this.#values.set(key, { value, expiresAt })
  }

  async peek(key: string, now: number): Promise<string | undefined> {
    const entry = this.#values.get(key)
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined
  }

  async take(key: string, now: number): Promise<string | undefined> {
    const entry = this.#values.get(key)
    this.#values.delete(key)
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined
  }

  // Sorted at every page: an index would be kept up at every request, for what is asked by tools only.
  async scan({ cursor, limit }: Page): Promise<ValuePage> {
    const after = readCursor('values', cursor)
    const positions = [
      ...[...this.#marks.keys()].map((key) => `m${key}`),
      ...[...this.#values.keys()].map((key) => `v${key}`),
    ]
    const found = positions.filter((position) => position > after).toSorted()
    const { entries, ...rest } = pageOf(found, limit, (last) => cursorAt('values', last))
    return { values: entries.flatMap((position) => this.#at(position) ?? []), ...rest }
  }

  #at(position: string): ValueRecord | undefined {
    const key = position.slice(1)
    const mark = position.startsWith('m') ? this.#marks.get(key) : undefined
    if (mark !== undefined) return { kind: 'mark', key, ...mark }
    const value = this.#values.get(key)
    return value && { kind: 'value', key, ...value }
  }

  purge(now: number, limit: number): number {
    let removed = 0
    for (const entries of [this.#marks, this.#values]) {
      for (const [key, { expiresAt }] of entries) {
        if (removed === limit) return removed
        if (expiresAt <= now && entries.delete(key)) removed += 1
      }
    }
    return removed
  }
}

class MemoryClients implements ClientStore {
  readonly #records = new Map<string, ClientRecord>()
  readonly #ids = new SortedKeys()

  async find(id: string): Promise<ClientRecord | undefined> {
    return this.#records.get(id)
  }

  async save(client: ClientRecord, expectedRevision: number | null): Promise<boolean> {
    const { id, revision, data } = client
    const present = this.#records.get(id)
    if ((present?.revision ?? null) === expectedRevision) {
      this.#records.set(id, Object.freeze({ id, revision, data }))
      if (present === undefined) this.#ids.add(id)
      return true
    }
    return present?.revision === revision && present.data === data
  }

  async remove(id: string): Promise<boolean> {
    this.#ids.delete(id)
    return this.#records.delete(id)
  }

  async list(page: Page): Promise<{ clients: readonly ClientRecord[]; cursor?: string }> {
    const { keys, ...rest } = pageOfKeys([this.#ids], 'clients', page)
    return { clients: keys.flatMap((id) => this.#records.get(id) ?? []), ...rest }
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
