import { grantRecord } from '@oauth-ratchet/core'
import type { GrantRecord, RevocationReason, TurnChange, TurnExpectation } from '@oauth-ratchet/core'

/** The columns of a grant, in the order of a {@link GrantRow}. */
export const COLUMNS = [
  'id',
  'client_id',
  'subject_hash',
  'session_hash',
  'bound_key',
  'code_proof',
  'generation',
  'redeemed',
  'nonce',
  'previous_nonce',
  'key_hash',
  'previous_key_hash',
  'access_nonce',
  'created_at',
  'turned_at',
  'idle_lifetime',
  'absolute_expires_at',
  'offline',
  'expires_at',
  'revision',
  'revoked_at',
  'revoked_reason',
  'revoked_by',
  'format',
  'facts',
  'seen',
] as const

/**
 * A grant as the table holds it: null for what is absent, the revocation spread over three columns. A list, since the
 * driver takes twice as long for an object with a name for each column.
 */
export type GrantRow = readonly [
  id: string,
  clientId: string,
  subjectHash: string,
  sessionHash: string | null,
  boundKey: string | null,
  codeProof: string | null,
  generation: number,
  /** 1 from generation 1 on. */
  redeemed: 0 | 1,
  nonce: string,
  previousNonce: string | null,
  keyHash: string | null,
  previousKeyHash: string | null,
  accessNonce: string,
  createdAt: number,
  turnedAt: number,
  idleLifetime: number | null,
  absoluteExpiresAt: number | null,
  /** 1 where the grant has the lifetimes of offline access. */
  offline: 0 | 1,
  expiresAt: number,
  revision: number,
  revokedAt: number | null,
  revokedReason: RevocationReason | null,
  revokedBy: string | null,
  format: number,
  facts: string,
  seen: string | null,
]

export function toRow(record: GrantRecord): GrantRow {
  return [
    record.id,
    record.clientId,
    record.subjectHash,
    record.sessionHash ?? null,
    record.boundKey ?? null,
    record.codeProof ?? null,
    record.generation,
    record.generation > 0 ? 1 : 0,
    record.nonce,
    record.previousNonce ?? null,
    record.keyHash ?? null,
    record.previousKeyHash ?? null,
    record.accessNonce,
    record.createdAt,
    record.turnedAt,
    record.idleLifetime,
    record.absoluteExpiresAt,
    record.offline === true ? 1 : 0,
    record.expiresAt,
    record.revision,
    record.revoked?.at ?? null,
    record.revoked?.reason ?? null,
    record.revoked?.by ?? null,
    record.format,
    record.facts,
    record.seen ?? null,
  ]
}

export function fromRow(row: GrantRow): GrantRecord {
  // By index: taking a list apart goes through its iterator, and this is on the path of a refresh.
  const at = row[20]
  const reason = row[21]
  const by = row[22]
  return grantRecord({
    id: row[0],
    clientId: row[1],
    subjectHash: row[2],
    sessionHash: row[3] ?? undefined,
    boundKey: row[4] ?? undefined,
    codeProof: row[5] ?? undefined,
    generation: row[6],
    nonce: row[8],
    previousNonce: row[9] ?? undefined,
    keyHash: row[10] ?? undefined,
    previousKeyHash: row[11] ?? undefined,
    accessNonce: row[12],
    createdAt: row[13],
    turnedAt: row[14],
    idleLifetime: row[15],
    absoluteExpiresAt: row[16],
    offline: row[17] === 1,
    expiresAt: row[18],
    revision: row[19],
    revoked: at === null || reason === null || by === null ? undefined : { at, reason, by },
    format: row[23],
    facts: row[24],
    seen: row[25] ?? undefined,
  })
}

/** The columns of a grant that has turned whose values its caller does not know, in the order of a {@link TurnedRow}. */
export const TURNED_COLUMNS = [
  'subject_hash',
  'session_hash',
  'bound_key',
  'code_proof',
  'previous_key_hash',
  'access_nonce',
  'created_at',
  'idle_lifetime',
  'absolute_expires_at',
  'offline',
  'expires_at',
  'revision',
  'format',
  'facts',
  'seen',
] as const satisfies readonly (typeof COLUMNS)[number][]

export type TurnedRow = readonly [
  subjectHash: string,
  sessionHash: string | null,
  boundKey: string | null,
  codeProof: string | null,
  previousKeyHash: string | null,
  accessNonce: string,
  createdAt: number,
  idleLifetime: number | null,
  absoluteExpiresAt: number | null,
  offline: 0 | 1,
  expiresAt: number,
  revision: number,
  format: number,
  facts: string,
  seen: string | null,
]

/** The record of a grant that has turned: each column that the driver does not have to read makes the turn quicker. */
export function fromTurnedRow(
  row: TurnedRow,
  id: string,
  expected: TurnExpectation,
  next: TurnChange,
): GrantRecord {
  return grantRecord({
    id,
    clientId: expected.clientId,
    subjectHash: row[0],
    sessionHash: row[1] ?? undefined,
    boundKey: row[2] ?? undefined,
    codeProof: row[3] ?? undefined,
    generation: expected.generation + 1,
    nonce: next.nonce,
    previousNonce: expected.nonce,
    keyHash: next.keyHash,
    previousKeyHash: row[4] ?? undefined,
    accessNonce: row[5],
    createdAt: row[6],
    turnedAt: expected.now,
    idleLifetime: row[7],
    absoluteExpiresAt: row[8],
    offline: row[9] === 1,
    expiresAt: row[10],
    revision: row[11],
    format: row[12],
    facts: row[13],
    seen: row[14] ?? undefined,
  })
}
