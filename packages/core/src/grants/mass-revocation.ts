import type { Events } from '../events.js'
import { StorageError } from '../faults/storage-error.js'
import type { Origin } from '../http/origin.js'
import type { Settings } from '../options/settings.js'
import { randomId } from '../ratchet/random.js'
import type { Revoker } from '../ratchet/revoker.js'
import { newestFormat, unsealFacts } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { everyPage } from '../storage/every-page.js'
import type { GrantRecord, GrantStore, Page, RevocationReason } from '../storage/storage.js'
import { assertGiven } from './assert-given.js'

export interface RevokeAllOptions {
  readonly subject?: string
  readonly clientId?: string
  /** Only grants made in this session of the app's. */
  readonly session?: string
  /** Id of a grant to leave alone: "sign out my other devices". */
  readonly except?: string
  /** Only grants made before: a Date, or milliseconds since the epoch. */
  readonly createdBefore?: Date | number
  /** Who asks for it, for the events: at most 255 characters. Selects nothing. */
  readonly by?: string | undefined
}

const pageSize = 500
const mostWalks = 20

/** @throws TypeError see `Grants.revokeAll` */
export function assertRevokeAllOptions(options: RevokeAllOptions): void {
  for (const [name, value] of Object.entries(options)) if (name !== 'by') assertGiven(name, value)
  if (options.subject === undefined && options.clientId === undefined) {
    throw new TypeError('revokeAll needs a subject or a clientId.')
  }
  if (Number.isNaN(Number(options.createdBefore ?? 0))) {
    throw new TypeError('createdBefore must be a Date, or milliseconds since the epoch.')
  }
}

/** Ends many grants, page by page: what `server.grants.revokeAll` does. */
export class MassRevocation {
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #revoker: Revoker
  readonly #events: Events

  constructor(parts: {
    grants: GrantStore
    ring: KeyRing
    settings: Settings
    revoker: Revoker
    events: Events
  }) {
    this.#store = parts.grants
    this.#ring = parts.ring
    this.#settings = parts.settings
    this.#revoker = parts.revoker
    this.#events = parts.events
  }

  /** Page by page; none is missed that is being created meanwhile. Answers how many were live. */
  async bySubject(subject: string, options: RevokeAllOptions, origin: Origin): Promise<number> {
    const hashes = this.#ring.subjectHashes(subject)
    // A session's hash is under the secret that was current when the grant was made.
    const sessions = options.session === undefined ? [undefined] : this.#ring.sessionHashes(options.session)
    let count = 0
    for (const sessionHash of sessions) {
      // Until a whole walk ends nothing: a grant that another host's slower clock dates before the cursor is
      // found by the next walk. Somebody who signs in all the time is not walked after for ever.
      for (let walk = 0; walk < mostWalks; walk++) {
        const ended = await this.#walk(hashes, sessionHash, options, origin)
        if (ended === 0) break
        count += ended
      }
    }
    return count
  }

  async #walk(
    hashes: readonly string[],
    sessionHash: string | undefined,
    options: RevokeAllOptions,
    origin: Origin,
  ): Promise<number> {
    const at = this.#settings.now()
    const reason: RevocationReason = 'revoked'
    const filter = {
      at,
      reason,
      by: randomId(),
      keepUntil: this.#revoker.keepUntil(at),
      ...(sessionHash !== undefined && { sessionHash }),
      ...(options.clientId !== undefined && { clientId: options.clientId }),
      ...(options.except !== undefined && { except: options.except }),
      ...(options.createdBefore !== undefined && { createdBefore: Number(options.createdBefore) }),
    }
    // Asked once more after a lost answer: the same `by` is answered the same grants, so that each raises its event.
    const revoke = (page: Page) =>
      this.#store
        .revokeBySubject(hashes, filter, page)
        .catch(() => this.#store.revokeBySubject(hashes, filter, page))
    let count = 0
    for await (const { grants } of everyPage(pageSize, revoke)) {
      for (const before of grants) this.#revoker.announceRevoked(before, reason, { origin })
      count += grants.length
    }
    return count
  }

  /** Looks at every grant of a client. */
  async byScan(clientId: string, options: RevokeAllOptions, origin: Origin): Promise<number> {
    const sessions =
      options.session === undefined ? undefined : new Set(this.#ring.sessionHashes(options.session))
    const before =
      options.createdBefore === undefined ? Number.POSITIVE_INFINITY : Number(options.createdBefore)
    let count = 0
    let unreadable = 0
    const scan = (page: Page) => this.#store.scan(page, { clientId })
    for await (const { grants, unreadable: ids = [] } of everyPage(pageSize, scan)) {
      unreadable += ids.length
      for (const record of grants) {
        const fits =
          record.clientId === clientId &&
          record.revoked === undefined &&
          record.id !== options.except &&
          record.createdAt < before &&
          (sessions === undefined || (record.sessionHash !== undefined && sessions.has(record.sessionHash)))
        if (!fits || !isOfThisRealm(this.#ring, record)) continue
        if (await this.#revoker.revoke(record.id, 'revoked', { origin })) count += 1
      }
    }
    if (unreadable > 0) {
      const error = new StorageError(`${unreadable} grant records are damaged and could not be looked at.`)
      this.#events.emit('request.failed', { phase: 'storage', error, requestId: origin.requestId })
    }
    return count
  }
}

/**
 * Whether a record is this server's: a store may be shared, and another realm's client of the same id is another client.
 * One that has ended has no facts left to tell by and is nobody's to end; one of a newer version is not for this one to
 * tell, and a sign-out does not wait for an upgrade.
 */
function isOfThisRealm(ring: KeyRing, record: GrantRecord): boolean {
  return opens(ring, record) === true
}

/** The same for a record that somebody has named: one under a secret that this process lacks is taken for ours too. */
export function isNobodyElses(ring: KeyRing, record: GrantRecord): boolean {
  return opens(ring, record) !== false
}

/** Undefined: sealed under a secret that is not here, so that nobody can say. */
function opens(ring: KeyRing, record: GrantRecord): boolean | undefined {
  if (record.revoked !== undefined || record.format > newestFormat) return true
  try {
    return unsealFacts(ring, record) !== undefined || undefined
  } catch {
    return false
  }
}
