import type { ReuseCause, ReuseEvidence } from '../options/reuse-evidence.js'
import type { GrantRecord } from '../storage/storage.js'
import type { SeenFrom } from './seen.js'

/** Two tabs that refresh at once are not further apart. */
const sameMomentMs = 2000
/** Within this time a client that waits for an answer gives up and tries again. */
const retryMs = 10_000

/** @param grant as it stands */
export function reuseEvidence(
  grant: GrantRecord,
  token: { readonly generation: number; readonly nonce: string },
  now: number,
  before: SeenFrom | undefined,
  presenter: { readonly remoteAddress?: string | undefined; readonly userAgent?: string | undefined },
): ReuseEvidence {
  const distance = grant.generation - token.generation
  const issued = distance === 0 ? grant.nonce : distance === 1 ? grant.previousNonce : undefined
  return {
    distance,
    // Two hosts' clocks can make it negative.
    ageMs: Math.max(0, now - grant.turnedAt),
    neverIssued: issued !== undefined && issued !== token.nonce,
    ...differs('addressChanged', before?.remoteAddress, presenter.remoteAddress),
    ...differs('agentChanged', before?.userAgent, presenter.userAgent),
  }
}

// Said only where both are known: an app that calls `server.tokens` may pass neither.
function differs(
  name: 'addressChanged' | 'agentChanged',
  before: string | undefined,
  now: string | undefined,
): Partial<Pick<ReuseEvidence, 'addressChanged' | 'agentChanged'>> {
  return before === undefined || now === undefined ? {} : { [name]: before !== now }
}

/**
 * The most probable cause, without I/O and without a clock, so that every row can be tested as a table.
 *
 * The first row that fits counts. A thief can look like the owner by copying their user agent and sharing their network: no
 * cause says that there was no theft.
 */
export function probableCause(evidence: ReuseEvidence, isCode: boolean): ReuseCause {
  const { distance, ageMs, neverIssued, addressChanged, agentChanged } = evidence
  if (agentChanged === true) return 'theft'
  if (neverIssued) return 'copied_store'
  const isSame = addressChanged !== true && (addressChanged === false || agentChanged === false)
  if (distance === 1) {
    if (ageMs <= sameMomentMs && addressChanged !== true) return 'second_tab'
    // Also from another address: answers get lost where a phone changes its network.
    if (ageMs <= retryMs) return 'lost_answer'
    // At any age: an app that was stopped before it could keep the answer comes back with what it has.
    return isSame ? 'lost_answer' : 'unknown'
  }
  if (addressChanged === true) return 'theft'
  // A page whose address has the code in it was loaded again.
  if (isCode) return isSame ? 'second_tab' : 'unknown'
  // A backup, a cloned machine, or two processes that each keep the token.
  return isSame ? 'copied_store' : 'unknown'
}
