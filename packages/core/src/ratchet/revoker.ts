import type { Events } from '../events.js'
import type { Origin } from '../http/origin.js'
import type { Settings } from '../options/settings.js'
import type {
  GrantRecord,
  GrantStore,
  RevocationReason,
  RevokeOptions,
  RevokeResult,
} from '../storage/storage.js'
import { describeGrant } from './describe-grant.js'
import { QuickReuseWarning } from './quick-reuse.js'
import { randomId } from './random.js'
import { probableCause, reuseEvidence } from './reuse-evidence.js'
import type { KeyRing } from './secrets.js'
import { openSeen } from './seen.js'

/** What `accessToken.lifetime` and `access_token_lifetime` may be at most, which is more than a code's. */
const longestAccessTokenMs = 86_400_000

/** Which grant it must be, or be still, so that anything is ended. */
type RevocationCondition = Pick<RevokeOptions, 'subjectHashes' | 'expected'>

/** The circumstances of an end: its conditions, and what the event says of it. */
export interface RevokeCircumstances extends RevocationCondition {
  readonly origin?: Origin | undefined
  /** Who asked for it. Default: the origin's. */
  readonly by?: string | undefined
}

/** What decides about a spent token, and where it came from. */
export interface ReuseCircumstances {
  /** Milliseconds since the epoch: until then reuse of a refresh token is reported and ends nothing. Left out: it ends. */
  readonly observeReuseUntil?: number
  readonly origin: Origin
}

/** Ends grants, and raises the event: once, in the process whose write did it. */
export class Revoker {
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #events: Events
  readonly #quickReuse = new QuickReuseWarning()

  constructor(store: GrantStore, ring: KeyRing, settings: Settings, events: Events) {
    this.#store = store
    this.#ring = ring
    this.#settings = settings
    this.#events = events
  }

  /** Ends a grant; true if this call did. Raises the event in the process that did it. */
  async revoke(
    id: string,
    reason: RevocationReason,
    circumstances: RevokeCircumstances = {},
  ): Promise<boolean> {
    const { ended, before } = await this.#revoke(id, reason, circumstances)
    if (ended && before !== undefined) this.announceRevoked(before, reason, circumstances)
    return ended
  }

  announceRevoked(
    before: GrantRecord,
    reason: RevocationReason,
    { origin, by = origin?.by }: RevokeCircumstances,
  ): void {
    if (!this.#events.has('grant.revoked')) return
    this.#events.emit('grant.revoked', {
      ...describeGrant(this.#ring, before),
      ...origin?.describe(),
      generation: before.generation,
      reason,
      ...(by !== undefined && { by }),
    })
  }

  /**
   * Until when a grant ended now must be remembered: its last token has ended by then. Whoever ends it need not know its
   * client, which may have the longest access tokens there are.
   */
  keepUntil(now: number): number {
    return now + longestAccessTokenMs + 60_000
  }

  /**
   * The consequence of a token that came back spent: the grant ends, and the event has the evidence. Where reuse is only
   * observed the grant stays, for a refresh token; a code that comes twice ends it always.
   */
  async handleReuse(
    grant: GrantRecord,
    token: { readonly generation: number; readonly nonce: string },
    circumstances: ReuseCircumstances,
  ): Promise<void> {
    const { observeReuseUntil = 0, origin } = circumstances
    if (token.generation > 0 && this.#settings.now() < observeReuseUntil) {
      this.#reportReuse(grant, grant, token, origin, true)
      return
    }
    const reason = token.generation === 0 ? 'code_replay' : 'reuse'
    const { ended, before } = await this.#revoke(grant.id, reason)
    if (!ended || before === undefined) return
    // The record as it was judged still has its facts, which a revoked one has not.
    const readable = before.facts === '' ? grant : before
    this.#reportReuse(before, readable, token, origin, false)
    if (this.#events.has('grant.revoked')) {
      this.#events.emit('grant.revoked', {
        ...describeGrant(this.#ring, readable),
        ...origin.describe(),
        generation: before.generation,
        reason,
      })
    }
  }

  /** @param readable the record whose sealed strings can be read */
  #reportReuse(
    grant: GrantRecord,
    readable: GrantRecord,
    token: { readonly generation: number; readonly nonce: string },
    origin: Origin,
    observed: boolean,
  ): void {
    const isCode = token.generation === 0
    const heard = this.#events.has('grant.reuse_detected')
    if (!heard && (isCode || observed)) return
    const now = this.#settings.now()
    const evidence = reuseEvidence(grant, token, now, openSeen(this.#ring, readable), origin)
    const cause = probableCause(evidence, isCode)
    if (!heard) {
      if (cause === 'second_tab' || cause === 'lost_answer') {
        this.#quickReuse.report(grant.clientId, evidence.ageMs)
      }
      return
    }
    this.#events.emit('grant.reuse_detected', {
      ...describeGrant(this.#ring, readable),
      ...origin.describe(),
      reason: isCode ? 'code_replay' : 'reuse',
      generation: grant.generation,
      presentedGeneration: token.generation,
      currentGeneration: grant.generation,
      turnedAt: grant.turnedAt,
      ...evidence,
      cause,
      ...(observed && { observed }),
    })
  }

  async #revoke(
    id: string,
    reason: RevocationReason,
    { subjectHashes, expected }: RevocationCondition = {},
  ): Promise<RevokeResult> {
    const at = this.#settings.now()
    const options = {
      keepUntil: this.keepUntil(at),
      by: randomId(),
      ...(subjectHashes !== undefined && { subjectHashes }),
      ...(expected !== undefined && { expected }),
    }
    try {
      return await this.#store.revoke(id, reason, at, options)
    } catch {
      // A revocation is idempotent and its caller's id tells its own work, so it is simply asked for once more. A
      // thief must not stay in because one answer was lost.
      return this.#store.revoke(id, reason, at, options)
    }
  }
}
