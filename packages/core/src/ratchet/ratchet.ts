import type { Events } from '../events.js'
import { StorageError } from '../faults/storage-error.js'
import type { Origin } from '../http/origin.js'
import type { Settings } from '../options/settings.js'
import type { GrantRecord, GrantStore, Reseal, TurnChange, TurnExpectation } from '../storage/storage.js'
import type { Circumstances, GenuineToken, TurnOutcome } from './circumstances.js'
import { judge } from './judge.js'
import type { Policy, Presented, Verdict } from './judge.js'
import { randomId } from './random.js'
import type { Revoker } from './revoker.js'
import { turnLimits, underAbsoluteLimit } from './limits.js'
import type { GrantLimits } from './limits.js'
import { assertKnownFormat, currentFormat, sealFacts, sealingKeys } from './sealing.js'
import type { Facts } from './sealing.js'
import type { KeyRing } from './secrets.js'
import { sealSeen } from './seen.js'
import { openToken, sealToken } from './token-codec.js'
import type { RatchetToken, RatchetTokenKind } from './token-codec.js'
import { UnansweredTurns } from './unanswered-turns.js'
import type { Writable } from '../writable.js'

/** What a turn makes of the grant, but for the limits. */
interface Change {
  readonly nonce: string
  readonly keyHash: string | undefined
  readonly seen: string | undefined
  readonly reseal: Reseal | undefined
}

/**
 * Issue and turn: every move of a grant but its end goes through here. `judge` decides the policy, the store makes
 * the write atomic.
 */
export class Ratchet {
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #events: Events
  readonly #revoker: Revoker
  readonly #unanswered = new UnansweredTurns()

  constructor(store: GrantStore, ring: KeyRing, settings: Settings, events: Events, revoker: Revoker) {
    this.#store = store
    this.#ring = ring
    this.#settings = settings
    this.#events = events
    this.#revoker = revoker
  }

  /** Opens a token without I/O; undefined when it is not one of ours. */
  open(kind: RatchetTokenKind, text: string, origin: Origin): GenuineToken | undefined {
    const opened = openToken(this.#ring, kind, text)
    switch (opened.status) {
      case 'genuine':
        return {
          grantId: opened.token.grantId,
          generation: opened.token.generation,
          nonce: opened.token.nonce,
          kind,
          current: opened.keys === this.#ring.current,
        }
      case 'unknown_key':
        this.#events.emit('token.unknown_key', { kind, keyId: opened.keyId, ...origin.describe() })
        return undefined
      case 'forged':
        return undefined
    }
  }

  /** The token of the record's current generation: computed, so the same however often it is asked for. */
  tokenOf(record: GrantRecord): string {
    const kind = record.generation === 0 ? 'authorization_code' : 'refresh_token'
    const { id: grantId, generation, nonce } = record
    return sealToken(this.#ring, kind, { grantId, generation, nonce }, sealingKeys(this.#ring, record))
  }

  /**
   * Stores a drafted grant.
   *
   * @throws StorageError also when the grant was ended before it was stored
   */
  async issue(record: GrantRecord): Promise<void> {
    if (!(await this.create(record))) {
      // 128 random bits do not collide: what stands there is the tombstone of a sign-out that overtook us.
      throw new StorageError('A new grant was ended before it was stored.', { outcome: 'not_applied' })
    }
  }

  /** Stores a drafted grant; false where there is another record under its id, in whatever state. */
  async create(record: GrantRecord): Promise<boolean> {
    try {
      return await this.#store.create(record)
    } catch (error) {
      if ((error as StorageError).outcome === 'not_applied') throw error
      // Unknown outcome: if it is there after all, it is issued; a grant that nobody has a token of would stay.
      if ((await this.#store.find(record.id))?.nonce === record.nonce) return true
      throw error
    }
  }

  find(id: string): Promise<GrantRecord | undefined> {
    return this.#store.find(id)
  }

  /**
   * Looks at a token's grant and judges, without turning. For what must be known before the turn.
   *
   * @throws StorageError also for a record of a newer format, which is never judged
   */
  async inspect(
    token: GenuineToken,
    circumstances: Circumstances,
  ): Promise<{ verdict: Verdict; grant: GrantRecord | undefined }> {
    const grant = limited(await this.#store.find(token.grantId), circumstances.limits)
    return { verdict: this.#judge(grant, token, circumstances), grant }
  }

  /**
   * Presents a token: turns the grant, or judges why it did not turn; reuse ends the grant.
   *
   * Of N concurrent presentations of one token exactly one is `turned`. One storage call where it turns.
   *
   * @param reseal facts to be sealed anew by this turn, when the token was made under an older secret
   */
  async turn(token: GenuineToken, circumstances: Circumstances, reseal?: Reseal): Promise<TurnOutcome> {
    let format = currentFormat
    const seen = circumstances.seenFrom && sealSeen(this.#ring, token.grantId, circumstances.seenFrom)
    // A move forward makes one more round; each round is conditional on the record as the one before read it.
    for (let round = 0; round <= this.#settings.acceptAhead + 3; round++) {
      const next = { nonce: randomId(), keyHash: circumstances.keyHash, seen, reseal }
      const { turned, grant } = await this.#turnOnce(token, circumstances, format, next, (since) =>
        this.#unanswered.add(token, circumstances.clientId, next.nonce, since),
      )
      if (turned && grant !== undefined) return this.#afterTurn(grant, circumstances)
      const verdict = this.#judge(grant, token, circumstances)
      switch (verdict) {
        case 'turned':
          // It would fit now: somebody else's write came between the attempt and the look. Or the grant has limits of
          // its own, which this attempt would have capped. Try again.
          format = grant?.format ?? format
          continue
        case 'ahead':
          await this.#moveForward(grant as GrantRecord, token, circumstances)
          continue
        case 'repeated':
          this.#unanswered.answered(token, circumstances.clientId, this.#settings.now())
          return { verdict, grant: grant as GrantRecord }
        case 'reused':
          await this.#revoker.handleReuse(grant as GrantRecord, token, circumstances)
          return { verdict }
        case 'revoked':
        case 'expired':
        case 'unknown':
        case 'mismatch':
          return { verdict }
      }
    }
    throw new StorageError('The grant changed under every attempt to turn it.')
  }

  /** Facts sealed under the current secret, and their hashes: for a turn that follows a change of secrets. */
  reseal(record: GrantRecord, facts: Facts): Reseal {
    return {
      revision: record.revision,
      format: Math.max(record.format, currentFormat),
      facts: sealFacts(this.#ring, record.id, facts),
      subjectHash: this.#ring.subjectHash(facts.subject),
      ...(facts.session !== undefined && { sessionHash: this.#ring.sessionHash(facts.session) }),
    }
  }

  #judge(grant: GrantRecord | undefined, token: RatchetToken, circumstances: Circumstances): Verdict {
    if (grant !== undefined) assertKnownFormat(grant)
    const presented: Presented = { ...circumstances, generation: token.generation, nonce: token.nonce }
    const policy: Policy = {
      reuseGraceMs: circumstances.reuseGraceMs ?? this.#settings.reuseGraceMs,
      acceptAhead: this.#settings.acceptAhead,
      notBefore: Math.max(this.#settings.notBefore, circumstances.clientNotBefore),
    }
    const now = this.#settings.now()
    const verdict = judge(grant, presented, now, policy)
    const explained =
      verdict === 'reused' &&
      grant !== undefined &&
      this.#unanswered.explain(grant, token, circumstances, now)
    return explained ? 'repeated' : verdict
  }

  /** @param onUnknownOutcome called before it throws because nobody can say whether the turn has happened or will */
  async #turnOnce(
    from: RatchetToken,
    { clientId, boundKey, limits }: Circumstances,
    format: number,
    change: Change,
    onUnknownOutcome: (since: number) => void,
  ): Promise<{ turned: boolean; grant: GrantRecord | undefined }> {
    const { grantId: id, generation, nonce } = from
    const { maxFormat, maxIdleLifetime, maxAbsoluteLifetime, offline } = turnLimits(limits, format)
    // Member by member: rest, spread and computed names cost several times as much, and this is on the path of a refresh.
    const next: Writable<TurnChange> = { nonce: change.nonce, maxIdleLifetime, maxAbsoluteLifetime }
    if (offline !== undefined) next.offline = offline
    if (change.keyHash !== undefined) next.keyHash = change.keyHash
    if (change.seen !== undefined) next.seen = change.seen
    if (change.reseal !== undefined) next.reseal = change.reseal
    const expected: Writable<TurnExpectation> = {
      now: this.#settings.now(),
      generation,
      nonce,
      clientId,
      maxFormat,
    }
    if (boundKey !== undefined) expected.boundKey = boundKey
    try {
      const { turned, grant } = await this.#store.turn(id, expected, next)
      // Asked twice by its driver, a store answers the second time with our own turn.
      return { turned: turned || grant?.nonce === next.nonce, grant: limited(grant, limits) }
    } catch (error) {
      if ((error as StorageError).outcome === 'not_applied') throw error
      try {
        return await this.#lookAfterUnknownOutcome(from, limits, next.nonce, error)
      } catch (outage) {
        onUnknownOutcome(expected.now)
        throw outage
      }
    }
  }

  /** An unknown outcome is not a theft: look once more, and if that fails too, it is an outage. */
  async #lookAfterUnknownOutcome(
    { grantId, generation }: RatchetToken,
    limits: GrantLimits,
    nonce: string,
    failure: unknown,
  ): Promise<{ turned: boolean; grant: GrantRecord | undefined }> {
    const grant = limited(await this.#store.find(grantId), limits)
    if (grant !== undefined && grant.nonce === nonce) return { turned: true, grant }
    // Not applied, or not yet: an answer that is still under way must not meet a verdict. And where our successor
    // was already turned by someone who got it as a repeat, there is no token left to answer with.
    if (grant === undefined || grant.generation <= generation || grant.previousNonce === nonce) throw failure
    return { turned: false, grant }
  }

  async #afterTurn(grant: GrantRecord, circumstances: Circumstances): Promise<TurnOutcome> {
    // Turned by this call, and ended before its driver or its second look got to see it.
    if (grant.revoked !== undefined) return { verdict: 'revoked' }
    // The store knows nothing of `grantsNotBefore`, and asking first would be a second call on every refresh.
    if (grant.createdAt < Math.max(this.#settings.notBefore, circumstances.clientNotBefore)) {
      await this.#revoker.revoke(grant.id, 'not_before', { origin: circumstances.origin })
      return { verdict: 'revoked' }
    }
    assertKnownFormat(grant)
    // It was live by the limit that it was made with, and is over by that of the client (RFC 9700 §4.14.2).
    if (grant.expiresAt <= grant.turnedAt) return { verdict: 'expired' }
    return { verdict: 'turned', grant }
  }

  /**
   * After a failover that lost turns: walks the record up to the presented generation and nonce, each step
   * conditional on the one before, so that two processes doing it at once end at the same place.
   */
  async #moveForward(grant: GrantRecord, token: RatchetToken, circumstances: Circumstances): Promise<void> {
    let { generation, nonce } = grant
    while (generation < token.generation) {
      const next = generation + 1 === token.generation ? token.nonce : randomId()
      const from = { grantId: grant.id, generation, nonce }
      // The key hash is kept, so that a client that always sends the same key does not arm a repeat with it now.
      const change = { nonce: next, keyHash: grant.keyHash, seen: undefined, reseal: undefined }
      // Not remembered: what it leads to is the token that its owner has, and is nothing to answer an earlier one with.
      const { turned } = await this.#turnOnce(from, circumstances, grant.format, change, () => {})
      if (!turned) return
      generation += 1
      nonce = next
    }
  }
}

function limited<Found extends GrantRecord | undefined>(
  grant: Found,
  limits: GrantLimits,
): GrantRecord | Found {
  return grant === undefined ? grant : underAbsoluteLimit(limits, grant)
}
