import type {
  GrantChanges,
  GrantRecord,
  ListFilter,
  Revocation,
  RevokeFilter,
  RevokeOptions,
  TurnChange,
  TurnExpectation,
} from './storage.js'

/**
 * The storage interface's words as pure functions: what each write makes of a record. For storages that can run
 * JavaScript between a read and a write without anyone coming in between (in memory, or inside a transaction that
 * holds the write lock). Every record answered is frozen.
 */

type OptionalField =
  | 'sessionHash'
  | 'boundKey'
  | 'codeProof'
  | 'previousNonce'
  | 'keyHash'
  | 'previousKeyHash'
  | 'offline'
  | 'revoked'
  | 'seen'

/** A grant record whose optional fields may be spelled out as undefined, as a row with empty columns has them. */
export type GrantFields = Omit<GrantRecord, OptionalField> & {
  readonly [Field in OptionalField]?: GrantRecord[Field] | undefined
}

/** A frozen copy without the fields that are undefined, so that "absent" has one form only. */
export function grantRecord(fields: GrantFields): GrantRecord {
  // Field by field: copying with rest and spread costs several times as much, and this is on the path of a refresh.
  const record: { -readonly [Field in keyof GrantRecord]: GrantRecord[Field] } = {
    id: fields.id,
    clientId: fields.clientId,
    subjectHash: fields.subjectHash,
    generation: fields.generation,
    nonce: fields.nonce,
    accessNonce: fields.accessNonce,
    createdAt: fields.createdAt,
    turnedAt: fields.turnedAt,
    idleLifetime: fields.idleLifetime,
    absoluteExpiresAt: fields.absoluteExpiresAt,
    expiresAt: fields.expiresAt,
    revision: fields.revision,
    format: fields.format,
    facts: fields.facts,
  }
  if (fields.sessionHash !== undefined) record.sessionHash = fields.sessionHash
  if (fields.boundKey !== undefined) record.boundKey = fields.boundKey
  if (fields.codeProof !== undefined) record.codeProof = fields.codeProof
  if (fields.previousNonce !== undefined) record.previousNonce = fields.previousNonce
  if (fields.keyHash !== undefined) record.keyHash = fields.keyHash
  if (fields.previousKeyHash !== undefined) record.previousKeyHash = fields.previousKeyHash
  if (fields.offline === true) record.offline = true
  if (fields.revoked !== undefined) record.revoked = Object.freeze({ ...fields.revoked })
  if (fields.seen !== undefined) record.seen = fields.seen
  return Object.freeze(record)
}

/** Whether the grant can still be used: not revoked and not expired. */
export function isLive(record: GrantRecord, now: number): boolean {
  return record.revoked === undefined && record.expiresAt > now
}

/** Whether `turn` may happen: all that the caller expects of the record holds. */
export function isTurnable(record: GrantRecord, expected: TurnExpectation): boolean {
  return (
    isLive(record, expected.now) &&
    record.generation === expected.generation &&
    record.nonce === expected.nonce &&
    record.clientId === expected.clientId &&
    (record.boundKey === undefined || record.boundKey === expected.boundKey) &&
    record.format <= expected.maxFormat
  )
}

/** The record after a turn at `now`. The caller has asked {@link isTurnable}. */
export function turnRecord(record: GrantRecord, now: number, next: TurnChange): GrantRecord {
  const reseal = next.reseal?.revision === record.revision ? next.reseal : undefined
  const { maxIdleLifetime, maxAbsoluteLifetime } = record.offline === true ? (next.offline ?? next) : next
  const idleLifetime = earlier(record.idleLifetime, maxIdleLifetime)
  const absoluteCap = maxAbsoluteLifetime === null ? null : record.createdAt + maxAbsoluteLifetime
  return grantRecord({
    ...record,
    ...(reseal && {
      revision: record.revision + 1,
      format: reseal.format,
      facts: reseal.facts,
      subjectHash: reseal.subjectHash,
      sessionHash: reseal.sessionHash,
    }),
    generation: record.generation + 1,
    nonce: next.nonce,
    previousNonce: record.nonce,
    keyHash: next.keyHash,
    previousKeyHash: record.keyHash,
    turnedAt: now,
    expiresAt: expiry(now, idleLifetime, earlier(record.absoluteExpiresAt, absoluteCap)),
    seen: next.seen ?? record.seen,
  })
}

/** Whether `amend` may happen. */
export function isAmendable(record: GrantRecord, expectedRevision: number, now: number): boolean {
  return isLive(record, now) && record.revision === expectedRevision
}

/** The record after an amendment. The caller has asked {@link isAmendable}. */
export function amendRecord(record: GrantRecord, changes: GrantChanges): GrantRecord {
  const lifetimes = changes.lifetimes ?? record
  // A code keeps its own short expiry: the limits below count from its redemption on.
  const moved = changes.lifetimes !== undefined && record.generation > 0
  return grantRecord({
    ...record,
    revision: record.revision + 1,
    facts: changes.facts ?? record.facts,
    format: changes.format ?? record.format,
    seen: changes.seen ?? record.seen,
    idleLifetime: lifetimes.idleLifetime,
    absoluteExpiresAt: lifetimes.absoluteExpiresAt,
    expiresAt: moved
      ? expiry(record.turnedAt, lifetimes.idleLifetime, lifetimes.absoluteExpiresAt)
      : record.expiresAt,
  })
}

/** What a call of `revoke` comes to: whether it ended the grant, and the record to write where it writes one. */
export function revocation(
  id: string,
  before: GrantRecord | undefined,
  revoked: Revocation,
  options: Pick<RevokeOptions, 'subjectHashes' | 'expected' | 'keepUntil'>,
): { readonly ended: boolean; readonly after?: GrantRecord } {
  const { keepUntil } = options
  if (!isMeant(before, options)) return { ended: false }
  if (before !== undefined && isLive(before, revoked.at)) {
    return { ended: true, after: revokedRecord(before, revoked, keepUntil) }
  }
  if (before?.revoked !== undefined && (before.expiresAt > revoked.at || before.revoked.by === revoked.by)) {
    // Ended already. The later caller's promise of how long that can be seen counts too.
    const ended = wasEndedBy(before, revoked.by)
    return keepUntil > before.expiresAt
      ? { ended, after: grantRecord({ ...before, expiresAt: keepUntil }) }
      : { ended }
  }
  return isMeant(undefined, options)
    ? { ended: false, after: tombstone(id, revoked, keepUntil) }
    : { ended: false }
}

/**
 * Whether a revocation is for this record, or, where there is none, for any: by its subject, and as its caller has read
 * it. What a revocation writes changes neither, so that a second run of the same call is answered as the first.
 */
export function isMeant(
  record: GrantRecord | undefined,
  { subjectHashes, expected }: Pick<RevokeOptions, 'subjectHashes' | 'expected'>,
): boolean {
  if (record === undefined) return subjectHashes === undefined && expected === undefined
  return (
    (subjectHashes === undefined || subjectHashes.includes(record.subjectHash)) &&
    (expected?.nonce === undefined || expected.nonce === record.nonce) &&
    (expected?.revision === undefined || expected.revision === record.revision)
  )
}

/** What a revocation leaves of a live record: everything that judges late tokens, nothing that was sealed. */
export function revokedRecord(record: GrantRecord, revoked: Revocation, keepUntil: number): GrantRecord {
  return grantRecord({ ...record, revoked, facts: '', seen: undefined, expiresAt: keepUntil })
}

/** The record that stands in for a grant which is not there, so that nothing in flight brings it to life. */
export function tombstone(id: string, revoked: Revocation, keepUntil: number): GrantRecord {
  return grantRecord({
    id,
    clientId: '',
    subjectHash: '',
    generation: 0,
    nonce: '',
    accessNonce: '',
    createdAt: 0,
    turnedAt: 0,
    idleLifetime: 0,
    absoluteExpiresAt: 0,
    expiresAt: keepUntil,
    revision: 0,
    revoked,
    format: 0,
    facts: '',
  })
}

/** Whether the call named `by` ended this grant. A tombstone ended none. */
export function wasEndedBy(record: GrantRecord, by: string): boolean {
  return record.revoked?.by === by && record.clientId !== ''
}

/** Whether the grant belongs into a subject's list. */
export function isListed(record: GrantRecord, filter: ListFilter): boolean {
  return (
    (record.generation > 0 || filter.pending === true) &&
    isLive(record, filter.now) &&
    (filter.clientId === undefined || record.clientId === filter.clientId)
  )
}

/**
 * Whether `revokeBySubject` answers the grant: it is live and fits the filter, or it was this very call that ended
 * it in an earlier run.
 */
export function isSelected(record: GrantRecord, filter: RevokeFilter): boolean {
  return (
    (isLive(record, filter.at) || wasEndedBy(record, filter.by)) &&
    (filter.clientId === undefined || record.clientId === filter.clientId) &&
    (filter.sessionHash === undefined || record.sessionHash === filter.sessionHash) &&
    (filter.except === undefined || record.id !== filter.except) &&
    (record.sessionHash === undefined || filter.exceptSessions?.includes(record.sessionHash) !== true) &&
    (filter.createdBefore === undefined || record.createdAt < filter.createdBefore)
  )
}

function expiry(from: number, idleLifetime: number | null, absoluteExpiresAt: number | null): number {
  const idle = idleLifetime === null ? null : from + idleLifetime
  // Both limits null is outside the interface; a number still, so that it can be stored and compared.
  return earlier(idle, absoluteExpiresAt) ?? Number.MAX_SAFE_INTEGER
}

/** The smaller of two limits, of which null is none. */
function earlier(one: number | null, other: number | null): number | null {
  if (one === null) return other
  return other === null ? one : Math.min(one, other)
}
