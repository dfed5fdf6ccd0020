import type { Events } from '../events.js'
import { StorageError } from '../faults/storage-error.js'
import type { Origin } from '../http/origin.js'
import type { Settings } from '../options/settings.js'
import { randomId } from '../ratchet/random.js'
import type { Revoker } from '../ratchet/revoker.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { endedAtOnce, everyPage, readAtOnce } from '../storage/every-page.js'
import type { GrantRecord, GrantStore, Page, RevocationReason } from '../storage/storage.js'
import { hasScope, isOfThisRealm, scopesIn } from './opened-record.js'
import type { RevokeAllOptions } from './revoke-all-options.js'

const mostWalks = 20

/** A page of a walk. */
interface EndedPage {
  /** How many live grants it had. */
  readonly ended: number
  readonly cursor?: string
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
    const endPage = this.#endPage(hashes, sessionHash, options, origin)
    let count = 0
    for await (const { ended } of everyPage(endedAtOnce, endPage)) count += ended
    return count
  }

  /** One page of a walk over a subject's grants, for callers that do not wait for all. */
  pageOfSubject(
    subject: string,
    options: RevokeAllOptions,
    origin: Origin,
    cursor: string | undefined,
  ): Promise<EndedPage> {
    const endPage = this.#endPage(this.#ring.subjectHashes(subject), undefined, options, origin)
    return endPage(pageAt(endedAtOnce, cursor))
  }

  #endPage(
    hashes: readonly string[],
    sessionHash: string | undefined,
    options: RevokeAllOptions,
    origin: Origin,
  ): (page: Page) => Promise<EndedPage> {
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
      ...(options.exceptSession !== undefined && {
        exceptSessions: this.#ring.sessionHashes(options.exceptSession),
      }),
      ...(options.createdBefore !== undefined && { createdBefore: Number(options.createdBefore) }),
    }
    return async (page) => {
      // Asked once more after a lost answer: the same `by` is answered the same grants, so that each raises its event.
      const { grants, cursor } = await this.#store
        .revokeBySubject(hashes, filter, page)
        .catch(() => this.#store.revokeBySubject(hashes, filter, page))
      for (const before of grants) this.#revoker.announceRevoked(before, reason, { origin })
      return { ended: grants.length, ...(cursor !== undefined && { cursor }) }
    }
  }

  /**
   * The same for the grants whose scope has all of these: a storage cannot tell, so they are read, codes too. A grant that
   * was updated since it was read is looked at once more.
   */
  async byScope(
    subject: string,
    wanted: string | readonly string[],
    options: RevokeAllOptions,
    origin: Origin,
  ): Promise<number> {
    const scope = scopesIn(wanted)
    const hashes = this.#ring.subjectHashes(subject)
    const { clientId } = options
    const fits = this.#filterOf(options)
    let count = 0
    let unreadable = 0
    for (let walk = 0; walk < mostWalks; walk++) {
      const filter = {
        now: this.#settings.now(),
        pending: true,
        ...(clientId !== undefined && { clientId }),
      }
      const list = (page: Page) => this.#store.listBySubject(hashes, filter, page)
      let found = 0
      unreadable = 0
      for await (const { grants, unreadable: ids = [] } of everyPage(readAtOnce, list)) {
        unreadable += ids.length
        for (const record of grants.filter(fits)) {
          const has = hasScope(this.#ring, record, scope)
          if (has === undefined) unreadable += 1
          if (has !== true) continue
          found += 1
          const expected = { revision: record.revision }
          if (await this.#revoker.revoke(record.id, 'revoked', { expected, origin })) count += 1
        }
      }
      if (found === 0) break
    }
    this.#reportUnreadable(unreadable, origin)
    return count
  }

  #reportUnreadable(count: number, origin: Origin): void {
    if (count === 0) return
    const error = new StorageError(`${count} grant records are damaged and could not be looked at.`)
    this.#events.emit('request.failed', { phase: 'storage', error, requestId: origin.requestId })
  }

  #filterOf({
    session,
    createdBefore,
    except,
    exceptSession,
  }: RevokeAllOptions): (record: GrantRecord) => boolean {
    const sessions = session === undefined ? undefined : new Set(this.#ring.sessionHashes(session))
    const before = createdBefore === undefined ? Number.POSITIVE_INFINITY : Number(createdBefore)
    const spared = new Set(exceptSession === undefined ? [] : this.#ring.sessionHashes(exceptSession))
    return (record) =>
      record.revoked === undefined &&
      record.id !== except &&
      !(record.sessionHash !== undefined && spared.has(record.sessionHash)) &&
      record.createdAt < before &&
      (sessions === undefined || (record.sessionHash !== undefined && sessions.has(record.sessionHash)))
  }

  /** Looks at every grant of a client. */
  async byScan(clientId: string, options: RevokeAllOptions, origin: Origin): Promise<number> {
    let count = 0
    let unreadable = 0
    const scan = (page: Page) => this.#endScanned(clientId, options, origin, page)
    for await (const page of everyPage(readAtOnce, scan)) {
      count += page.ended
      unreadable += page.unreadable
    }
    this.#reportUnreadable(unreadable, origin)
    return count
  }

  /** One page of that, for callers that do not wait for all. */
  async pageOfScan(
    clientId: string,
    options: RevokeAllOptions,
    origin: Origin,
    cursor: string | undefined,
  ): Promise<EndedPage> {
    const { unreadable, ...page } = await this.#endScanned(
      clientId,
      options,
      origin,
      pageAt(readAtOnce, cursor),
    )
    this.#reportUnreadable(unreadable, origin)
    return page
  }

  async #endScanned(
    clientId: string,
    options: RevokeAllOptions,
    origin: Origin,
    page: Page,
  ): Promise<EndedPage & { readonly unreadable: number }> {
    const fits = this.#filterOf(options)
    const scope = options.scope === undefined ? undefined : scopesIn(options.scope)
    const { grants, cursor, unreadable: ids = [] } = await this.#store.scan(page, { clientId })
    let unreadable = ids.length
    const chosen: GrantRecord[] = []
    for (const record of grants) {
      if (record.clientId !== clientId || !fits(record) || !isOfThisRealm(this.#ring, record)) continue
      const has = scope === undefined || hasScope(this.#ring, record, scope)
      if (has === undefined) unreadable += 1
      if (has === true) chosen.push(record)
    }
    let ended = 0
    for (let start = 0; start < chosen.length; start += endedAtOnce) {
      const revoke = ({ id, revision }: GrantRecord) =>
        this.#revoker.revoke(
          id,
          'revoked',
          scope === undefined ? { origin } : { origin, expected: { revision } },
        )
      const done = await Promise.all(chosen.slice(start, start + endedAtOnce).map(revoke))
      ended += done.filter((isEnded) => isEnded).length
    }
    return { ended, unreadable, ...(cursor !== undefined && { cursor }) }
  }
}

function pageAt(limit: number, cursor: string | undefined): Page {
  return cursor === undefined ? { limit } : { limit, cursor }
}
