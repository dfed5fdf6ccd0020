import type { GrantRecord } from '../storage/storage.js'
import { fitsCodeProof } from './code-proof.js'
import type { PresentedBinding } from './code-proof.js'

/** What was presented: a token that proved itself, and the circumstances of the request. */
export interface Presented {
  readonly generation: number
  readonly nonce: string
  readonly clientId: string
  /** Thumbprint of the key that the request proved to hold. */
  readonly boundKey?: string
  /** Hash of the request's idempotency key. */
  readonly keyHash?: string | undefined
  /** For an authorization code: verifier and redirect URI of the token request. */
  readonly binding?: PresentedBinding
}

export interface Policy {
  /** Milliseconds after a turn during which the token before is answered with the same successor. 0: never. */
  readonly reuseGraceMs: number
  /** How many generations a genuine token may be ahead of the store. 0: none. */
  readonly acceptAhead: number
  /** Grants created before this are over, in ms since the epoch. */
  readonly notBefore: number
}

/**
 * What a presented token is worth. Only `reused` has an effect on the grant; every verdict but the first two is
 * one and the same `invalid_grant` on the wire.
 */
export type Verdict =
  /** Current generation and nonce of a live grant: the ratchet may turn. */
  | 'turned'
  /** The turn before, again, by its own client in its own time: the same successor is answered once more. */
  | 'repeated'
  /** Spent, or never issued: someone else holds this token. The grant ends. */
  | 'reused'
  | 'revoked'
  | 'expired'
  | 'unknown'
  /** Another client, key or code binding: a stranger can neither burn nor kill someone's token. */
  | 'mismatch'
  /** A generation that the store has not reached, within what the policy accepts: a failover lost writes. */
  | 'ahead'

/**
 * The whole policy of the ratchet: no I/O and no clock, so that every row of it can be tested as a table.
 *
 * The order of the rows matters. Revoked and expired come before reuse, so that a late replay of a dead grant
 * raises nothing; mismatch comes before reuse, so that only the rightful client's own replay ends a grant.
 *
 * @param grant the record as the store answered it; undefined when there is none
 * @param now milliseconds since the epoch
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
 */
export function judge(
  grant: GrantRecord | undefined,
  presented: Presented,
  now: number,
  policy: Policy,
): Verdict {
  if (grant === undefined) return 'unknown'
  if (grant.revoked !== undefined || grant.createdAt < policy.notBefore) return 'revoked'
  if (grant.expiresAt <= now) return 'expired'
  if (!belongs(grant, presented)) return 'mismatch'

  if (presented.generation > grant.generation) {
    return presented.generation - grant.generation <= policy.acceptAhead ? 'ahead' : 'unknown'
  }
  if (presented.generation === grant.generation) {
    return presented.nonce === grant.nonce ? 'turned' : 'reused'
  }
  return mayRepeat(grant, presented, now, policy) ? 'repeated' : 'reused'
}

function belongs(grant: GrantRecord, presented: Presented): boolean {
  if (grant.clientId !== presented.clientId) return false
  if (grant.boundKey !== undefined && grant.boundKey !== presented.boundKey) return false
  // Generation 0 is the authorization code: without its proofs a replay must end nothing (OAuth 2.1 §7.5.2).
  if (presented.generation !== 0) return true
  return grant.codeProof !== undefined && fitsCodeProof(grant.codeProof, presented.binding ?? {})
}

function mayRepeat(grant: GrantRecord, presented: Presented, now: number, policy: Policy): boolean {
  // A code is for one use and no retry (RFC 6749 §4.1.2).
  if (presented.generation === 0) return false
  // Only the token before the current one: if the successor had been used, the generation would be further on.
  if (presented.generation !== grant.generation - 1 || presented.nonce !== grant.previousNonce) return false
  // Two hosts' clocks can make the age negative: that counts as zero, which is within any grace but none.
  if (policy.reuseGraceMs > 0 && now - grant.turnedAt <= policy.reuseGraceMs) return true
  // The same key tells a lost answer from a theft at any age.
  return armsRepeat(grant) && presented.keyHash === grant.keyHash
}

/**
 * Whether the key of the latest turn lets the token before be answered again. One that the turn before used as well
 * does not: a client that always sends the same key would have a grace without end.
 */
export function armsRepeat({ keyHash, previousKeyHash }: GrantRecord): boolean {
  return keyHash !== undefined && keyHash !== previousKeyHash
}
