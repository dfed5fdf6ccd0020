import type { GrantRecord } from '../storage/storage.js'
import { codeProofOf } from './code-proof.js'
import type { CodeBinding } from './code-proof.js'
import { randomId } from './random.js'
import { currentFormat, sealFacts } from './sealing.js'
import type { Facts } from './sealing.js'
import type { KeyRing } from './secrets.js'
import type { RatchetToken } from './token-codec.js'

export interface NewGrant {
  /** Grant id and first nonce, where they are not made up: those of a foreign token. */
  readonly token?: Pick<RatchetToken, 'grantId' | 'nonce'> | undefined
  readonly clientId: string
  readonly facts: Facts
  readonly idleLifetimeMs: number | null
  readonly absoluteExpiresAt: number | null
  /** Whether the limits above are those of offline access. */
  readonly offline?: boolean
  /** For generation 0: what the code is bound to, and how long it lives. */
  readonly code?: { readonly binding: CodeBinding; readonly expiresAt: number }
}

/** A new grant's record, not stored yet: at generation 0 if it starts as a code, at 1 if it starts with tokens. */
export function draftGrant(ring: KeyRing, grant: NewGrant, now: number): GrantRecord {
  const id = grant.token?.grantId ?? randomId()
  const { session } = grant.facts
  const { idleLifetimeMs, absoluteExpiresAt } = grant
  const firstLimit = Math.min(now + (idleLifetimeMs ?? Infinity), absoluteExpiresAt ?? Infinity)
  return {
    id,
    clientId: grant.clientId,
    subjectHash: ring.subjectHash(grant.facts.subject),
    ...(session !== undefined && { sessionHash: ring.sessionHash(session) }),
    ...(grant.code !== undefined && { codeProof: codeProofOf(grant.code.binding) }),
    generation: grant.code === undefined ? 1 : 0,
    nonce: grant.token?.nonce ?? randomId(),
    accessNonce: randomId(),
    createdAt: now,
    turnedAt: now,
    idleLifetime: idleLifetimeMs,
    absoluteExpiresAt,
    ...(grant.offline === true && { offline: true }),
    // The absolute limit counts from consent, for the code too.
    expiresAt: Math.min(grant.code?.expiresAt ?? Infinity, firstLimit),
    revision: 0,
    format: currentFormat,
    facts: sealFacts(ring, id, grant.facts),
  }
}
