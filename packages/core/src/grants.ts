import { splitScope } from './clients/client.js'
import type { Clients } from './clients/clients.js'
import type { ClientDirectory } from './clients/directory.js'
import { toGrant } from './grant.js'
import type { Grant, SignIn } from './grant.js'
import type { GrantIssuer } from './grant-issuer.js'
import { lifetimesFrom } from './grant-issuer.js'
import type { Settings } from './settings.js'
import type { Revoker } from './ratchet/revoker.js'
import { currentFormat, sealFacts, sealingKeys, unsealFacts } from './ratchet/sealing.js'
import type { Facts } from './ratchet/sealing.js'
import type { KeyRing } from './ratchet/secrets.js'
import { randomId } from './ratchet/random.js'
import { StorageError } from './storage/storage.js'
import type { GrantRecord, GrantStore, RevocationReason } from './storage/storage.js'
import type { TokenResponse } from './token-response.js'

export interface IssueOptions extends SignIn {
  readonly clientId: string
  /** Space-separated or a list. Default: the client's registered scope. */
  readonly scope?: string | readonly string[]
}

export interface RevokeAllOptions {
  readonly subject?: string
  readonly clientId?: string
  /** Only grants made in this session of the app's. */
  readonly session?: string
  /** Id of a grant to leave alone: "sign out my other devices". */
  readonly except?: string
  /** Only grants made before: a Date, or milliseconds since the epoch. */
  readonly createdBefore?: Date | number
}

export interface GrantUpdate {
  /** Replaces the metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Narrows the scope; what the grant does not have cannot be added without consent. */
  readonly scope?: string | readonly string[]
  /** New limits in seconds, `absolute` counted from now; null: none. An extension reaches the tokens that are out. */
  readonly lifetimes?: { readonly idle?: number | null; readonly absolute?: number | null }
}

const pageSize = 500

/** `server.grants`: what apps call about grants, outside any request of a client. */
export class Grants {
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #revoker: Revoker
  readonly #clients: ClientDirectory
  readonly #registry: Clients
  readonly #issuer: GrantIssuer

  constructor(parts: {
    grants: GrantStore
    ring: KeyRing
    settings: Settings
    revoker: Revoker
    clients: ClientDirectory
    registry: Clients
    issuer: GrantIssuer
  }) {
    this.#store = parts.grants
    this.#ring = parts.ring
    this.#settings = parts.settings
    this.#revoker = parts.revoker
    this.#clients = parts.clients
    this.#registry = parts.registry
    this.#issuer = parts.issuer
  }

  /**
   * Gives out first tokens after the app's own login: a grant like any other, and the RFC 6749 token response. With
   * a refresh token if the client's `grant_types` has `refresh_token`.
   *
   * @throws OAuthError `invalid_client` for an unknown client, `invalid_scope` for a scope it is not registered for
   * @throws StorageError in an outage
   */
  async issue(options: IssueOptions): Promise<TokenResponse> {
    const client = await this.#clients.require(options.clientId)
    const scope = this.#issuer.scopeFor(client, options.scope)
    return this.#issuer.issue(client, options, scope)
  }

  /** One grant, in whatever state; undefined when there is none (any more). */
  async get(id: string): Promise<Grant | undefined> {
    const record = await this.#store.find(id)
    return record === undefined || record.clientId === '' ? undefined : this.#toGrant(record)
  }

  /**
   * A subject's live grants, the oldest first. Unredeemed codes are not among them.
   *
   * @param options.limit at most so many; default 1000. For more see {@link Grants.each}.
   */
  async list(options: { subject: string; clientId?: string; limit?: number }): Promise<Grant[]> {
    const grants: Grant[] = []
    for await (const grant of this.each(options)) {
      if (grants.push(grant) >= (options.limit ?? 1000)) break
    }
    return grants
  }

  /** A subject's live grants one after the other, read page by page. */
  async *each(options: { subject: string; clientId?: string }): AsyncGenerator<Grant, void, undefined> {
    const filter = {
      now: this.#settings.now(),
      ...(options.clientId !== undefined && { clientId: options.clientId }),
    }
    const hashes = this.#ring.subjectHashes(options.subject)
    let cursor: string | undefined
    do {
      const page = await this.#store.listBySubject(hashes, filter, {
        limit: pageSize,
        ...(cursor !== undefined && { cursor }),
      })
      for (const record of page.grants) yield this.#toGrant(record)
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  /**
   * Changes a live grant; undefined when there is none. Of two concurrent updates neither is lost.
   *
   * @throws RangeError for a scope that the grant does not have
   */
  async update(id: string, update: GrantUpdate): Promise<Grant | undefined> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const record = await this.#store.find(id)
      const facts = record === undefined ? undefined : unsealFacts(this.#ring, record)
      const now = this.#settings.now()
      if (record === undefined || facts === undefined || record.expiresAt <= now) return undefined
      const { amended, grant } = await this.#store.amend(id, record.revision, {
        now,
        // Under the secret it had: the subject's hash beside it stays that secret's too, until a turn changes both.
        facts: sealFacts(this.#ring, id, changedFacts(facts, update), sealingKeys(this.#ring, record)),
        format: currentFormat,
        ...(update.lifetimes !== undefined && { lifetimes: changedLifetimes(record, update.lifetimes, now) }),
      })
      if (amended && grant !== undefined) return this.#toGrant(grant)
    }
    throw new StorageError('The grant changed under every attempt to update it.', { outcome: 'not_applied' })
  }

  /**
   * Ends a grant at once: its refresh token and all its access tokens. True if it was live until now.
   *
   * @param options.subject end it only if it is this subject's: for a page where users end their own sessions
   */
  revoke(id: string, options: { subject?: string } = {}): Promise<boolean> {
    const hashes = options.subject === undefined ? undefined : this.#ring.subjectHashes(options.subject)
    return this.#revoker.revoke(id, 'revoked', hashes)
  }

  /**
   * Ends all grants that fit, unredeemed codes included; answers how many were live. With a subject: page by page,
   * and none is missed that is being created meanwhile. With a client alone: a client of `server.clients` gets
   * `grants_not_before` first, which ends all its grants at once (other processes hear of it within 5 seconds); then
   * every grant there is is looked at, so this takes as long as the store is large.
   *
   * @throws TypeError when neither subject nor client is named
   */
  async revokeAll(options: RevokeAllOptions): Promise<number> {
    const { subject, clientId } = options
    if (subject === undefined && clientId === undefined) {
      throw new TypeError('revokeAll needs a subject or a clientId.')
    }
    if (subject !== undefined) return this.#revokeBySubject(subject, options)
    const all = Object.values({ ...options, clientId: undefined }).every((value) => value === undefined)
    if (all && clientId !== undefined && !this.#clients.isConfigured(clientId)) {
      await this.#registry.update(clientId, { grants_not_before: this.#settings.now() / 1000 })
    }
    return this.#revokeByScan(options)
  }

  async #revokeBySubject(subject: string, options: RevokeAllOptions): Promise<number> {
    const hashes = this.#ring.subjectHashes(subject)
    // A session's hash is under the secret that was current when the grant was made.
    const sessions = options.session === undefined ? [undefined] : this.#ring.sessionHashes(options.session)
    let count = 0
    for (const sessionHash of sessions) {
      let ended: number
      // Until a whole walk ends nothing: a grant that another host's slower clock dates before the cursor is
      // found by the next walk.
      do {
        ended = await this.#revokeWalk(hashes, sessionHash, options)
        count += ended
      } while (ended > 0)
    }
    return count
  }

  async #revokeWalk(
    hashes: readonly string[],
    sessionHash: string | undefined,
    options: RevokeAllOptions,
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
    let count = 0
    let cursor: string | undefined
    do {
      const from = {
        limit: pageSize,
        ...(cursor !== undefined && { cursor }),
      }
      // Asked once more after a lost answer: the same `by` is answered the same grants, so that each is told of.
      const page = await this.#store
        .revokeBySubject(hashes, filter, from)
        .catch(() => this.#store.revokeBySubject(hashes, filter, from))
      for (const before of page.grants) this.#revoker.announceRevoked(before, reason)
      count += page.grants.length
      cursor = page.cursor
    } while (cursor !== undefined)
    return count
  }

  async #revokeByScan(options: RevokeAllOptions): Promise<number> {
    const sessions =
      options.session === undefined ? undefined : new Set(this.#ring.sessionHashes(options.session))
    const before =
      options.createdBefore === undefined ? Number.POSITIVE_INFINITY : Number(options.createdBefore)
    let count = 0
    let cursor: string | undefined
    do {
      const page = await this.#store.scan({ limit: pageSize, ...(cursor !== undefined && { cursor }) })
      for (const record of page.grants) {
        const fits =
          record.clientId === options.clientId &&
          record.revoked === undefined &&
          record.id !== options.except &&
          record.createdAt < before &&
          (sessions === undefined || (record.sessionHash !== undefined && sessions.has(record.sessionHash)))
        if (fits && this.#isOfThisRealm(record) && (await this.#revoker.revoke(record.id, 'revoked')))
          count += 1
      }
      cursor = page.cursor
    } while (cursor !== undefined)
    return count
  }

  // A store may be shared: another realm's client of the same id is another client.
  #isOfThisRealm(record: GrantRecord): boolean {
    try {
      return unsealFacts(this.#ring, record) !== undefined
    } catch {
      return false
    }
  }

  #toGrant(record: GrantRecord): Grant {
    return toGrant(record, unsealFacts(this.#ring, record), this.#settings.now())
  }
}

function changedFacts(facts: Facts, update: GrantUpdate): Facts {
  const has = splitScope(facts.scope)
  const wanted = update.scope === undefined ? has : splitScope([update.scope].flat().join(' '))
  for (const value of wanted) {
    if (!has.includes(value))
      throw new RangeError(`The grant does not have the scope ${value}; that takes a new consent.`)
  }
  return {
    ...facts,
    scope: wanted.join(' '),
    ...(update.metadata !== undefined && { metadata: update.metadata }),
  }
}

function changedLifetimes(
  record: GrantRecord,
  lifetimes: NonNullable<GrantUpdate['lifetimes']>,
  now: number,
) {
  const changed = lifetimesFrom(lifetimes, now)
  const result = {
    idleLifetime: changed.idleLifetime === undefined ? record.idleLifetime : changed.idleLifetime,
    absoluteExpiresAt:
      changed.absoluteExpiresAt === undefined ? record.absoluteExpiresAt : changed.absoluteExpiresAt,
  }
  if (result.idleLifetime === null && result.absoluteExpiresAt === null) {
    throw new RangeError('A grant must end some day: give it an idle or an absolute limit.')
  }
  return result
}
