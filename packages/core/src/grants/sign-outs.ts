import type { Settings } from '../options/settings.js'
import type { Facts } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import type { GrantRecord, ValueStore } from '../storage/storage.js'

/**
 * How long a sign-out everywhere is remembered, in ms: 400 days, which is what browsers keep a cookie for at most (RFC
 * 6265bis §5.5). No session of the app's from before it is left then.
 */
const rememberedMs = 400 * 86_400_000

/**
 * When a subject was signed out everywhere last: a value per subject, under the keyed hash of the subject. Read where a
 * grant begins, and never at a refresh.
 */
export class SignOuts {
  readonly #values: ValueStore
  readonly #ring: KeyRing
  readonly #settings: Settings

  constructor(parts: { values: ValueStore; ring: KeyRing; settings: Settings }) {
    this.#values = parts.values
    this.#ring = parts.ring
    this.#settings = parts.settings
  }

  /**
   * Remembers that the subject is signed out everywhere now. Before its grants are ended: what begins after the walk over
   * them then finds this. Of two at the same time the earlier may stay.
   *
   * @param keepUntil how long, in ms since the epoch. Default: 400 days from now
   */
  async note(subject: string, keepUntil?: number): Promise<void> {
    const now = this.#settings.now()
    const known = await this.#latest(subject)
    const at = String(Math.max(now, known ?? 0))
    const stash = () =>
      this.#values.stash(keyOf(this.#ring.subjectHash(subject)), at, keepUntil ?? now + rememberedMs)
    await stash().catch(stash)
  }

  /**
   * Ends what there is, remembered as {@link note} does before it. Where that cannot be written (a store that is full still
   * ends grants), everything is ended all the same; then it is tried once more, and what that rejects with says that logins
   * from before may still begin.
   *
   * @param end ends the subject's grants
   */
  async everywhere<T>(subject: string, end: () => Promise<T>, keepUntil?: number): Promise<T> {
    const noted = await this.note(subject, keepUntil).then(
      () => true,
      () => false,
    )
    const answer = await end()
    if (!noted) await this.note(subject, keepUntil)
    return answer
  }

  /** Whether the login behind a grant that is about to begin is older than the subject's latest sign-out everywhere. */
  async endedLogin(facts: Facts, record?: Pick<GrantRecord, 'createdAt'>): Promise<boolean> {
    if (record === undefined && facts.authTime === undefined) return false
    const at = await this.#latest(facts.subject)
    if (at === undefined) return false
    // The time of a login is known to the second: a new one in the second of the sign-out is good.
    const loggedInBefore = facts.authTime !== undefined && facts.authTime < Math.floor(at / 1000)
    return loggedInBefore || (record !== undefined && record.createdAt < at)
  }

  /**
   * The same for a session that was begun elsewhere. Without `authTime` it is taken for one from before: where the subject was
   * signed out everywhere, a session that cannot say when it began does not come back.
   */
  async endedForeign(facts: Facts, record?: Pick<GrantRecord, 'createdAt'>): Promise<boolean> {
    const at = await this.#latest(facts.subject)
    if (at === undefined) return false
    return !isSince(facts, at) || (record !== undefined && record.createdAt < at)
  }

  async #latest(subject: string): Promise<number | undefined> {
    const now = this.#settings.now()
    const times = await Promise.all(
      this.#ring.subjectHashes(subject).map((hash) => {
        const peek = () => this.#values.peek(keyOf(hash), now)
        return peek().catch(peek)
      }),
    )
    const known = times.filter((time) => time !== undefined).map(Number)
    return known.length === 0 ? undefined : Math.max(...known)
  }
}

/** Whether a login is known to be no older than this time, in ms since the epoch. */
export function isSince({ authTime }: Pick<Facts, 'authTime'>, at: number): boolean {
  return authTime !== undefined && authTime >= Math.floor(at / 1000)
}

function keyOf(subjectHash: string): string {
  return `signed-out ${subjectHash}`
}
