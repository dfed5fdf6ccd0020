import type { GrantRecord } from '../storage/storage.js'
import type { RatchetToken } from './token-codec.js'

/** How long a client may take to come back, in ms. */
const rememberMs = 3_600_000
/** Grants remembered at most: beyond, the oldest are forgotten and judged by the book. */
const capacity = 10_000
/** Attempts remembered of one grant: any of them may be the one that was applied. */
const attempts = 4

interface Unanswered {
  readonly generation: number
  readonly nonces: readonly string[]
  readonly until: number
}

/**
 * Turns of this process whose outcome nobody learned: the store did not answer in time, and the client was told 503 and
 * to try again. Such a turn may happen after all, and the client's next try would look like a replay of a spent token.
 * Its successor was never given to anyone, so that giving it out then is no second use.
 */
export class UnansweredTurns {
  readonly #turns = new Map<string, Unanswered>()

  /** @param nonce what the turn would have given the grant */
  add({ grantId, generation }: RatchetToken, nonce: string, now: number): void {
    const known = this.#turns.get(grantId)
    const before = known?.generation === generation ? known.nonces : []
    this.#turns.delete(grantId)
    this.#turns.set(grantId, {
      generation,
      nonces: [...before, nonce].slice(-attempts),
      until: now + rememberMs,
    })
    if (this.#turns.size <= capacity) return
    const [oldest] = this.#turns.keys()
    if (oldest !== undefined) this.#turns.delete(oldest)
  }

  /** Whether the grant is where such a turn of the presented token has brought it. */
  explain(grant: GrantRecord, presented: RatchetToken, now: number): boolean {
    const turn = this.#turns.get(grant.id)
    return (
      turn !== undefined &&
      turn.until > now &&
      turn.generation === presented.generation &&
      grant.generation === presented.generation + 1 &&
      grant.previousNonce === presented.nonce &&
      turn.nonces.includes(grant.nonce) &&
      // A code is for one use and no retry (RFC 6749 §4.1.2).
      presented.generation !== 0
    )
  }

  /** The client has its answer now. */
  forget(grantId: string): void {
    this.#turns.delete(grantId)
  }
}
