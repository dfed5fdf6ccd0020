import type { Origin } from '../http/origin.js'
import type { GrantRecord } from '../storage/storage.js'
import type { PresentedBinding } from './code-proof.js'
import type { Verdict } from './judge.js'
import type { GrantLimits } from './limits.js'
import type { SeenFrom } from './seen.js'
import type { RatchetToken, RatchetTokenKind } from './token-codec.js'

/** A token that proved itself, before anything was looked up. */
export interface GenuineToken extends RatchetToken {
  readonly kind: RatchetTokenKind
  /** Whether the current secret made it, and so sealed its grant. If not, the turn seals the grant anew. */
  readonly current: boolean
}

/** The circumstances under which a token is presented. */
export interface Circumstances {
  readonly clientId: string
  /** Milliseconds since the epoch: grants of the client made before it are over. */
  readonly clientNotBefore: number
  readonly limits: GrantLimits
  /** Absent: that of the options. */
  readonly reuseGraceMs?: number | undefined
  readonly boundKey?: string
  readonly keyHash?: string | undefined
  readonly binding?: PresentedBinding
  /** Milliseconds since the epoch: until then reuse of its refresh tokens is reported and ends nothing. */
  readonly observeReuseUntil?: number
  readonly origin: Origin
  /** What the turn writes of where it comes from. Absent: nothing. */
  readonly seenFrom?: SeenFrom | undefined
}

/** What a turn came to. */
export type TurnOutcome =
  | { readonly verdict: 'turned' | 'repeated'; readonly grant: GrantRecord }
  | { readonly verdict: Exclude<Verdict, 'turned' | 'repeated' | 'ahead'> }
