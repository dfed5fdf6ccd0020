import { OAuthError } from '../faults/errors.js'
import type { GrantRecord } from '../storage/storage.js'

const mostWaiting = 1000

interface Waiting {
  readonly key: string
  readonly addedAt: number
  readonly expiresAt: number
}

/**
 * How many authorization codes of one subject and client wait to be redeemed: anybody who is signed in can ask for code
 * after code, and each is a record. At most 1,000; no code that was given out is ended for a later one, so that a second
 * tab's stays good, and every place is free again after the lifetime of a code (a minute by default). Counted in this
 * process: a code that another process redeems keeps its place here until it expires.
 */
export class WaitingCodes {
  /** By grant id, in the order in which they were added. */
  readonly #codes = new Map<string, Waiting>()
  readonly #counts = new Map<string, number>()

  /** @throws OAuthError `temporarily_unavailable` where as many wait already */
  add({ id, subjectHash, clientId, expiresAt }: GrantRecord, now: number): void {
    this.#dropExpired(now)
    const key = JSON.stringify([subjectHash, clientId])
    const count = this.#counts.get(key) ?? 0
    if (count >= mostWaiting) {
      throw new OAuthError(
        'temporarily_unavailable',
        'Too many codes of this user and client wait to be redeemed; try again in a minute.',
        { retryAfter: Math.max(1, Math.ceil((expiresAt - now) / 1000)) },
      )
    }
    this.#codes.set(id, { key, addedAt: now, expiresAt })
    this.#counts.set(key, count + 1)
  }

  /** Frees the place of a code that was redeemed; nothing for a grant that began without one. */
  remove(id: string): void {
    const code = this.#codes.get(id)
    if (code === undefined || !this.#codes.delete(id)) return
    const left = (this.#counts.get(code.key) ?? 1) - 1
    if (left === 0) this.#counts.delete(code.key)
    else this.#counts.set(code.key, left)
  }

  // One lifetime for all, so that the first added are the first to expire. A clock that was put back keeps no place taken.
  #dropExpired(now: number): void {
    for (const [id, { addedAt, expiresAt }] of this.#codes) {
      if (addedAt <= now && expiresAt > now) return
      this.remove(id)
    }
  }
}
