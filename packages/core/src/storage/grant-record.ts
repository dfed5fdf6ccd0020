/** Why a grant was ended. Stored with the grant; new reasons may be added, so treat it as an open set. */
export type RevocationReason =
  'reuse' | 'code_replay' | 'revoked' | 'token_revoked' | 'subject_inactive' | 'not_before' | 'limit'

/** When and why a grant was ended. */
export interface Revocation {
  readonly at: number
  readonly reason: RevocationReason
  /** Random id of the call that ended it, so that a driver's retry of that call knows its own work. */
  readonly by: string
}

/** One subject's authorization of one client: the ratchet's state. Its size does not grow with its generation. */
export interface GrantRecord {
  /** 128 random bits as 22 characters of base64url. */
  readonly id: string
  readonly clientId: string
  /** Keyed hash of the subject; what `listBySubject` looks under. */
  readonly subjectHash: string
  /** Keyed hash of the sign-in session, if the app named one. */
  readonly sessionHash?: string
  /** Thumbprint of the key that the grant is bound to, if it is. */
  readonly boundKey?: string
  /** What an authorization code must be presented with; kept for the grant's whole life (late replays). */
  readonly codeProof?: string
  /** 0 is the authorization code, 1 the first refresh token; only goes up. */
  readonly generation: number
  /** The nonce of the current generation. */
  readonly nonce: string
  /** The nonce of the generation before, once there was one. */
  readonly previousNonce?: string
  /** Hash of the idempotency key of the request that made the current generation. */
  readonly keyHash?: string
  /** Hash of the idempotency key of the request that made the generation before. */
  readonly previousKeyHash?: string
  /** What every access token of the grant must match. */
  readonly accessNonce: string
  readonly createdAt: number
  /** Time of the latest turn; `createdAt` before the first. */
  readonly turnedAt: number
  /** How long the grant lives without a turn, in ms; null: no such limit. */
  readonly idleLifetime: number | null
  /** When the grant ends whatever happens; null: no such limit. Never null together with `idleLifetime`. */
  readonly absoluteExpiresAt: number | null
  /** True: the grant has the lifetimes of offline access, and its turns are capped by those. Never changes. */
  readonly offline?: boolean
  /** When the record stops being live. The engine removes it at any time after that. */
  readonly expiresAt: number
  /** Counts the changes of `facts` and lifetimes; starts at 0. */
  readonly revision: number
  readonly revoked?: Revocation
  /** Version of the format of the sealed strings; a `turn` must not touch a record with a newer one than it knows. */
  readonly format: number
  /** Sealed string of the core: subject, scope, claims, sign-in facts. Empty on a revoked record. */
  readonly facts: string
  /** Sealed string of the core: where the grant was last seen. Absent on a revoked record. */
  readonly seen?: string
}
