import { setImmediate as tick } from 'node:timers/promises'

import * as records from '@oauth-ratchet/core'
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
} from '@oauth-ratchet/core'

function idsOf(grants: readonly GrantRecord[]): string[] {
  return grants.map(({ id }) => id)
}

/** The pure functions that the storage follows. Each can be replaced by a wrong one. */
export type Rules = Pick<
  typeof records,
  | 'amendRecord'
  | 'isAmendable'
  | 'isListed'
  | 'isSelected'
  | 'isTurnable'
  | 'revocation'
  | 'revokedRecord'
  | 'turnRecord'
>

/** Steps between reading and writing in which a storage that is not atomic lets others in. */
export type Step =
  'create' | 'turn' | 'amend' | 'renew' | 'revoke' | 'revokeBySubject' | 'mark' | 'take' | 'save'

/**
 * A storage made to be broken: it does everything the plainest way, keeps its data in the open and its rules in
 * fields. Unbroken it passes the contract.
 */
export class NaiveStorage implements Storage {
  readonly rules: Rules = {
    amendRecord: records.amendRecord,
    isAmendable: records.isAmendable,
    isListed: records.isListed,
    isSelected: records.isSelected,
    isTurnable: records.isTurnable,
    revocation: records.revocation,
    revokedRecord: records.revokedRecord,
    turnRecord: records.turnRecord,
  }
  /** Where the storage yields between reading and writing; a sound one does so nowhere. */
  readonly yieldsIn = new Set<Step>()
  readonly grants = new NaiveGrants(this)
  readonly values = new NaiveValues(this)
  readonly clients = new NaiveClients(this)

  async init(): Promise<void> {}

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  dump(): string {
    const maps = [this.grants.records, this.values.marks, this.values.values, this.clients.records]
    return JSON.stringify(maps.map((map) => [...map]))
  }
}

export class NaiveGrants implements GrantStore {
  records = new Map<string, GrantRecord>()
  /** Ids of records that cannot be read. */
  readonly damaged = new Set<string>()
  readonly #storage: NaiveStorage

  constructor(storage: NaiveStorage) {
    this.#storage = storage
  }

  async create(record: GrantRecord): Promise<boolean> {
    const present = this.records.get(record.id)
    if (present !== undefined) return present.nonce === record.nonce
    if (this.#storage.yieldsIn.has('create')) await tick()
    this.records.set(record.id, records.grantRecord(record))
    return true
  }

  async find(id: string): Promise<GrantRecord | undefined> {
    return this.records.get(id)
  }

  async turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult> {
    const { rules, yieldsIn } = this.#storage
    const record = this.records.get(id)
    if (record === undefined || !rules.isTurnable(record, expected)) return { turned: false, grant: record }
    if (yieldsIn.has('turn')) await tick()
    const grant = rules.turnRecord(record, expected.now, next)
    this.records.set(id, grant)
    return { turned: true, grant }
  }

  async amend(id: string, revision: number, changes: GrantChanges): ReturnType<GrantStore['amend']> {
    const { rules, yieldsIn } = this.#storage
    const record = this.records.get(id)
    if (record === undefined || !rules.isAmendable(record, revision, changes.now)) {
      return { amended: false, grant: record }
    }
    if (yieldsIn.has('amend')) await tick()
    const grant = rules.amendRecord(record, changes)
    this.records.set(id, grant)
    return { amended: true, grant }
  }

  async renewAccessNonce(id: string, accessNonce: string): Promise<boolean> {
    const record = this.records.get(id)
    if (record === undefined || record.revoked !== undefined) return false
    if (this.#storage.yieldsIn.has('renew')) await tick()
    this.records.set(id, records.grantRecord({ ...record, accessNonce }))
    return true
  }

  async revoke(
    id: string,
    reason: RevocationReason,
    at: number,
    options: RevokeOptions,
  ): Promise<RevokeResult> {
    const { rules, yieldsIn } = this.#storage
    const before = this.records.get(id)
    if (yieldsIn.has('revoke')) await tick()
    const { ended, after } = rules.revocation(id, before, { at, reason, by: options.by }, options)
    if (after !== undefined) this.records.set(id, after)
    return { ended, before }
  }

  async listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    const isListed = (grant: GrantRecord): boolean => this.#storage.rules.isListed(grant, filter)
    const { grants, ...rest } = this.pageOfSubject(hashes, page, isListed)
    return { grants: grants.filter(isListed), ...rest }
  }

  async revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    const { rules, yieldsIn } = this.#storage
    const { grants, ...rest } = this.pageOfSubject(hashes, page)
    const ended = grants.filter((grant) => rules.isSelected(grant, filter))
    if (yieldsIn.has('revokeBySubject')) await tick()
    const { at, reason, by, keepUntil } = filter
    for (const grant of ended) {
      if (grant.revoked === undefined) {
        this.records.set(grant.id, rules.revokedRecord(grant, { at, reason, by }, keepUntil))
      }
    }
    return { grants: ended, ...rest }
  }

  async scan(page: Page, { clientId }: ScanFilter = {}): Promise<GrantPage> {
    const { items, ...rest } = pageOf([...this.records.values()], ({ id }) => `grant ${id}`, page)
    const fits = items.filter((grant) => clientId === undefined || grant.clientId === clientId)
    const grants = fits.filter(({ id }) => !this.damaged.has(id))
    return { grants, unreadable: idsOf(items).filter((id) => this.damaged.has(id)), ...rest }
  }

  async purgeExpired(now: number, limit: number): Promise<number> {
    const { marks, values } = this.#storage.values
    let left = limit
    for (const entries of [this.records, marks, values]) {
      for (const [key, { expiresAt }] of entries) {
        if (left > 0 && expiresAt <= now && entries.delete(key)) left -= 1
      }
    }
    return limit - left
  }

  pageOfSubject(
    hashes: readonly string[],
    page: Page,
    fits: (record: GrantRecord) => boolean = () => true,
  ): GrantPage {
    const found = [...this.records.values()].filter(
      (record) => hashes.includes(record.subjectHash) && fits(record),
    )
    const { items, ...rest } = pageOf(
      found,
      ({ createdAt, id }) => `subject ${String(createdAt).padStart(16, '0')} ${id}`,
      page,
    )
    return { grants: items, ...rest }
  }
}

export class NaiveValues implements ValueStore {
  readonly marks = new Map<string, { readonly owner: string; readonly expiresAt: number }>()
  readonly values = new Map<string, { readonly value: string; readonly expiresAt: number }>()
  readonly #storage: NaiveStorage

  constructor(storage: NaiveStorage) {
    this.#storage = storage
  }

  async mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean> {
    const present = this.marks.get(key)
    if (present !== undefined && present.expiresAt > now) return present.owner === owner
    if (this.#storage.yieldsIn.has('mark')) await tick()
    this.marks.set(key, { owner, expiresAt })
    return true
  }

  async isMarked(key: string, now: number): Promise<boolean> {
    return (this.marks.get(key)?.expiresAt ?? 0) > now
  }

  async stash(key: string, value: string, expiresAt: number): Promise<void> {
    this.values.set(key, { value, expiresAt })
  }

  async peek(key: string, now: number): Promise<string | undefined> {
    const entry = this.values.get(key)
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined
  }

  async take(key: string, now: number): Promise<string | undefined> {
    const entry = this.values.get(key)
    if (this.#storage.yieldsIn.has('take')) await tick()
    this.values.delete(key)
    return entry !== undefined && entry.expiresAt > now ? entry.value : undefined
  }

  async scan(page: Page): Promise<ValuePage> {
    const all: ValueRecord[] = [
      ...[...this.marks].map(([key, mark]) => ({ kind: 'mark' as const, key, ...mark })),
      ...[...this.values].map(([key, value]) => ({ kind: 'value' as const, key, ...value })),
    ]
    const { items, ...rest } = pageOf(all, ({ kind, key }) => `stored ${kind} ${key}`, page)
    return { values: items, ...rest }
  }
}

export class NaiveClients implements ClientStore {
  readonly records = new Map<string, ClientRecord>()
  readonly #storage: NaiveStorage

  constructor(storage: NaiveStorage) {
    this.#storage = storage
  }

  async find(id: string): Promise<ClientRecord | undefined> {
    return this.records.get(id)
  }

  async save(client: ClientRecord, expectedRevision: number | null): Promise<boolean> {
    const present = this.records.get(client.id)
    if ((present?.revision ?? null) !== expectedRevision) {
      return present?.revision === client.revision && present.data === client.data
    }
    if (this.#storage.yieldsIn.has('save')) await tick()
    this.records.set(client.id, { ...client })
    return true
  }

  async remove(id: string): Promise<boolean> {
    return this.records.delete(id)
  }

  async list(page: Page): Promise<{ clients: readonly ClientRecord[]; cursor?: string }> {
    const { items, ...rest } = pageOf([...this.records.values()], ({ id }) => `client ${id}`, page)
    return { clients: items, ...rest }
  }
}

/** One page of the items in the order of their keys. A key begins with the kind of the listing it belongs to. */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { cursor, limit }: Page,
): { items: Item[]; cursor?: string } {
  if (cursor !== undefined && !/^(grant|subject|client|stored) /.test(cursor)) throw new records.CursorError()
  const after = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => cursor === undefined || key > cursor)
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const taken = after.slice(0, limit)
  const last = taken.at(-1)
  const page = taken.map(({ item }) => item)
  return after.length > limit && last !== undefined ? { items: page, cursor: last.key } : { items: page }
}
