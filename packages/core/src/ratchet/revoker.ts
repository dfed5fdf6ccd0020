import type { Events } from '../events.js'
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
import type { KeyRing } from './secrets.js'

/** What `accessToken.lifetime` and `access_token_lifetime` may be at most, which is more than a code's. */
const longestAccessTokenMs = 86_400_000

type RevocationCondition = Pick<RevokeOptions, 'subjectHashes' | 'expected'>

/** Ends grants, and tells of it: once, in the process whose write did it. */
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

  /**
   * Ends a grant; true if this call did. Raises the event in the process that did it.
   *
   * @param only which it must be, or be still; otherwise nothing is ended
   */
  async revoke(id: string, reason: RevocationReason, only: RevocationCondition = {}): Promise<boolean> {
    const { ended, before } = await this.#revoke(id, reason, only)
    if (ended && before !== undefined) this.announceRevoked(before, reason)
    return ended
  }

  announceRevoked(before: GrantRecord, reason: RevocationReason): void {
    if (this.#events.has('grant.revoked')) {
      this.#events.emit('grant.revoked', { ...describeGrant(this.#ring, before), reason })
    }
  }

  /**
   * Until when a grant ended now must be remembered: its last token has ended by then. Whoever ends it need not know its
   * client, which may have the longest access tokens there are.
   */
  keepUntil(now: number): number {
    return now + longestAccessTokenMs + 60_000
  }

  /** The consequence of a token that came back spent: the grant ends, and the event tells the evidence. */
  async endForReuse(
    grant: GrantRecord,
    token: { readonly generation: number },
    circumstances: { readonly remoteAddress?: string | undefined },
  ): Promise<void> {
    const reason = token.generation === 0 ? 'code_replay' : 'reuse'
    const { ended, before } = await this.#revoke(grant.id, reason)
    if (!ended || before === undefined) return
    const isPrevious = token.generation > 0 && token.generation === before.generation - 1
    if (isPrevious && !this.#events.has('grant.reuse_detected')) {
      this.#quickReuse.report(before.clientId, this.#settings.now() - before.turnedAt)
    }
    // The record as it was judged still has its facts, which a revoked one has not.
    const described = describeGrant(this.#ring, before.facts === '' ? grant : before)
    this.#events.emit('grant.reuse_detected', {
      ...described,
      reason,
      presentedGeneration: token.generation,
      currentGeneration: before.generation,
      turnedAt: before.turnedAt,
      ...(circumstances.remoteAddress !== undefined && { remoteAddress: circumstances.remoteAddress }),
    })
    this.#events.emit('grant.revoked', { ...described, reason })
  }

  async #revoke(id: string, reason: RevocationReason, only: RevocationCondition = {}): Promise<RevokeResult> {
    const at = this.#settings.now()
    const options = {
      keepUntil: this.keepUntil(at),
      by: randomId(),
      ...only,
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
