import type { GrantRecord } from '../storage/storage.js'
import { armsRepeat } from './judge.js'
import type { RatchetToken } from './token-codec.js'

/** How long a client may take to come back, in ms. */
const rememberMs = 600_000
/** Tokens remembered at most: beyond, the oldest are forgotten, and presenting them is reuse. */
const capacity = 10_000
/** Attempts remembered of one token. The first ones stay, for a store that goes on makes the first of them. */
const attempts = 64

interface Unanswered {
  /** What the turns would have given the grant; none once a successor was given out. */
  readonly nonces: readonly string[]
  readonly answered: boolean
  readonly until: number
}

/**
 * Turns of this process with an unknown outcome: the store did not answer in time, and the client got a 503. Such a turn
 * may happen after all, and the client's retry would look like a replay of a spent token. Its successor was never given
 * to anyone by this process, so that giving it out then is no second use. For turns without an `Idempotency-Key`, and
 * with one that arms no repeat; see ADR 9.
 */
export class UnansweredTurns {
  readonly #turns = new Map<string, Unanswered>()

  /** @param nonce what the turn would have given the grant */
  add(token: RatchetToken, clientId: string, nonce: string, now: number): void {
    const known = this.#turns.get(keyOf(token, clientId))
    // An attempt that gives up after another one was answered: its successor is out.
    if (known?.answered === true) return
    const nonces = [...(known?.nonces ?? []).slice(0, attempts - 1), nonce]
    this.#set(token, clientId, { nonces, answered: false, until: now + rememberMs })
  }

  /**
   * Whether the grant is where such a turn of the presented token has brought it.
   *
   * @param presenter who presents the token, with the hash of the request's idempotency key
   */
  explain(
    grant: GrantRecord,
    presented: RatchetToken,
    presenter: { readonly clientId: string; readonly keyHash?: string | undefined },
    now: number,
  ): boolean {
    // A code is for one use and no retry (RFC 6749 §4.1.2).
    if (presented.generation === 0) return false
    // A retry with the key of such a turn is `repeated` at every process: another one may have answered it.
    if (armsRepeat(grant)) return false
    if (grant.keyHash !== undefined && grant.keyHash !== presenter.keyHash) return false
    const turn = this.#turns.get(keyOf(presented, presenter.clientId))
    return (
      turn !== undefined &&
      turn.until > now &&
      grant.generation === presented.generation + 1 &&
      grant.previousNonce === presented.nonce &&
      turn.nonces.includes(grant.nonce)
    )
  }

  /** The client is getting its answer now; attempts that still wait for the store arm nothing any more. */
  answered(token: RatchetToken, clientId: string, now: number): void {
    this.#set(token, clientId, { nonces: [], answered: true, until: now + rememberMs })
  }

  #set(token: RatchetToken, clientId: string, turn: Unanswered): void {
    const key = keyOf(token, clientId)
    // Set anew even if it was there: the map's order is that of the latest attempt.
    this.#turns.delete(key)
    this.#turns.set(key, turn)
    if (this.#turns.size <= capacity) return
    const [oldest] = this.#turns.keys()
    if (oldest !== undefined) this.#turns.delete(oldest)
  }
}

// With all that the token and its presenter are: nobody else's attempt takes the place of the owner's.
function keyOf({ grantId, generation, nonce }: RatchetToken, clientId: string): string {
  return `${grantId} ${generation} ${nonce} ${clientId}`
}
