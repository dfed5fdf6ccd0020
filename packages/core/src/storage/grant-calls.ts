// What the methods of `GrantStore` take and answer.
import type { GrantRecord, RevocationReason } from './grant-record.js'

/** What the record must be for a turn to happen. */
export interface TurnExpectation {
  /** The record must be live at this time: not revoked, and `expiresAt > now`. */
  readonly now: number
  readonly generation: number
  readonly nonce: string
  readonly clientId: string
  /** Compared only when the record has a `boundKey`; a record that has one never turns without it. */
  readonly boundKey?: string
  /** The newest format of sealed strings that the caller knows: the record's must not be above it. */
  readonly maxFormat: number
}

/** What a turn makes of the record. */
export interface TurnChange {
  /** The nonce of the new generation. Made up by the caller: it also tells a turn of one's own from another's. */
  readonly nonce: string
  /** Becomes `keyHash`; absent: the record has none afterwards. The one it had becomes `previousKeyHash`. */
  readonly keyHash?: string
  /** Caps the record's own idle lifetime, in ms; null: no cap. */
  readonly maxIdleLifetime: number | null
  /** Caps the record's lifetime counted from its `createdAt`, in ms; null: no cap. */
  readonly maxAbsoluteLifetime: number | null
  /** The caps of a record with `offline`, in place of the two above; absent: the same for every record. */
  readonly offline?: LifetimeCaps
  /** Replaces `seen`; absent: `seen` stays. */
  readonly seen?: string
  /** Replaces the sealed facts and the hashes beside them, only if the record's revision is still the one given. */
  readonly reseal?: Reseal
}

/** Caps of a record's lifetimes, in ms; null: no cap. */
export interface LifetimeCaps {
  readonly maxIdleLifetime: number | null
  readonly maxAbsoluteLifetime: number | null
}

/** Facts sealed anew, and the hashes that belong to them. Applied as one with `revision + 1`, or not at all. */
export interface Reseal {
  readonly revision: number
  readonly format: number
  readonly facts: string
  readonly subjectHash: string
  readonly sessionHash?: string
}

/** Answer of `turn`: the record as it now stands, whether or not this call turned it. */
export interface TurnResult {
  readonly turned: boolean
  /** Undefined when there is no such record. */
  readonly grant: GrantRecord | undefined
}

/** Changes by `amend`. What is absent stays. */
export interface GrantChanges {
  /** The record must be live at this time. */
  readonly now: number
  readonly facts?: string
  readonly format?: number
  readonly seen?: string
  /** New limits; `expiresAt` becomes `min(turnedAt + idleLifetime, absoluteExpiresAt)` unless the generation is 0. */
  readonly lifetimes?: { readonly idleLifetime: number | null; readonly absoluteExpiresAt: number | null }
}

export interface RevokeOptions {
  /** End the grant only if its `subjectHash` is one of these; an absent grant then gets no tombstone. */
  readonly subjectHashes?: readonly string[]
  /**
   * End the grant only if it is still as its caller has read it, compared in the same step; an absent grant then gets no
   * tombstone. Each member that is there must be equal.
   */
  readonly expected?: Partial<Pick<GrantRecord, 'nonce' | 'revision'>>
  /** How long the revoked record or tombstone is kept at least: its `expiresAt` afterwards. */
  readonly keepUntil: number
  /** Random id of this call; see {@link Revocation}. */
  readonly by: string
}

export interface RevokeResult {
  /**
   * Whether this very call (`by`) ended a live grant (live at `at`), also when its driver ran it twice. A
   * tombstone for an absent grant is not an ending.
   */
  readonly ended: boolean
  /** The record as it was before this run of the call; undefined when there was none. */
  readonly before: GrantRecord | undefined
}

export interface GrantPage {
  readonly grants: readonly GrantRecord[]
  readonly cursor?: string
  /** Of `scan` and `listBySubject`: ids of the page's records that could not be read (damaged). The others are in `grants`. */
  readonly unreadable?: readonly string[]
}

export interface ScanFilter {
  /** Only grants of this client. Filtered where the records are, so that others cost no transfer. */
  readonly clientId?: string
}

export interface ListFilter {
  /** Only grants that are live at this time and have left generation 0. */
  readonly now: number
  /** True: unredeemed codes too. No request asks so, and it may read ended grants. */
  readonly pending?: boolean
  readonly clientId?: string
}

export interface RevokeFilter {
  readonly clientId?: string
  readonly sessionHash?: string
  /** Id of a grant that is left alone. */
  readonly except?: string
  /** Grants with one of these `sessionHash`es are left alone. */
  readonly exceptSessions?: readonly string[]
  /** Only grants with `createdAt` before this. */
  readonly createdBefore?: number
  readonly at: number
  readonly reason: RevocationReason
  /** As in {@link RevokeOptions}. */
  readonly keepUntil: number
  /** As in {@link RevokeOptions}. */
  readonly by: string
}
