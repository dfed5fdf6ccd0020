import { grantRecord } from '@oauth-ratchet/core'
import type { GrantRecord, RevocationReason } from '@oauth-ratchet/core'

/** A grant as the table holds it: null for what is absent, the revocation spread over three columns. */
export interface GrantRow {
  readonly id: string
  readonly client_id: string
  readonly subject_hash: string
  readonly session_hash: string | null
  readonly bound_key: string | null
  readonly code_proof: string | null
  readonly generation: number
  /** 1 from generation 1 on. */
  readonly redeemed: number
  readonly nonce: string
  readonly previous_nonce: string | null
  readonly key_hash: string | null
  readonly previous_key_hash: string | null
  readonly access_nonce: string
  readonly created_at: number
  readonly turned_at: number
  readonly idle_lifetime: number | null
  readonly absolute_expires_at: number | null
  /** 1 where the grant has the lifetimes of offline access. */
  readonly offline: number
  readonly expires_at: number
  readonly revision: number
  readonly revoked_at: number | null
  readonly revoked_reason: RevocationReason | null
  readonly revoked_by: string | null
  readonly format: number
  readonly facts: string
  readonly seen: string | null
}

export function toRow(record: GrantRecord): GrantRow {
  return {
    id: record.id,
    client_id: record.clientId,
    subject_hash: record.subjectHash,
    session_hash: record.sessionHash ?? null,
    bound_key: record.boundKey ?? null,
    code_proof: record.codeProof ?? null,
    generation: record.generation,
    redeemed: record.generation > 0 ? 1 : 0,
    nonce: record.nonce,
    previous_nonce: record.previousNonce ?? null,
    key_hash: record.keyHash ?? null,
    previous_key_hash: record.previousKeyHash ?? null,
    access_nonce: record.accessNonce,
    created_at: record.createdAt,
    turned_at: record.turnedAt,
    idle_lifetime: record.idleLifetime,
    absolute_expires_at: record.absoluteExpiresAt,
    offline: record.offline === true ? 1 : 0,
    expires_at: record.expiresAt,
    revision: record.revision,
    revoked_at: record.revoked?.at ?? null,
    revoked_reason: record.revoked?.reason ?? null,
    revoked_by: record.revoked?.by ?? null,
    format: record.format,
    facts: record.facts,
    seen: record.seen ?? null,
  }
}

export function fromRow(row: GrantRow): GrantRecord {
  const { revoked_at: at, revoked_reason: reason, revoked_by: by } = row
  return grantRecord({
    id: row.id,
    clientId: row.client_id,
    subjectHash: row.subject_hash,
    sessionHash: row.session_hash ?? undefined,
    boundKey: row.bound_key ?? undefined,
    codeProof: row.code_proof ?? undefined,
    generation: row.generation,
    nonce: row.nonce,
    previousNonce: row.previous_nonce ?? undefined,
    keyHash: row.key_hash ?? undefined,
    previousKeyHash: row.previous_key_hash ?? undefined,
    accessNonce: row.access_nonce,
    createdAt: row.created_at,
    turnedAt: row.turned_at,
    idleLifetime: row.idle_lifetime,
    absoluteExpiresAt: row.absolute_expires_at,
    offline: row.offline === 1,
    expiresAt: row.expires_at,
    revision: row.revision,
    revoked: at === null || reason === null || by === null ? undefined : { at, reason, by },
    format: row.format,
    facts: row.facts,
    seen: row.seen ?? undefined,
  })
}
