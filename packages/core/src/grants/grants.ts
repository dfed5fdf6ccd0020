import type { Clients } from '../clients/clients.js'
import type { ClientDirectory } from '../clients/directory.js'
import type { Events } from '../events.js'
import { reportOutages } from '../faults/outages.js'
import { StorageError } from '../faults/storage-error.js'
import { Origin } from '../http/origin.js'
import type { Maintenance } from '../maintenance.js'
import { actorOf } from '../options/actor.js'
import type { Grant } from '../options/grant.js'
import type { Settings } from '../options/settings.js'
import { formatOfLimits } from '../ratchet/limits.js'
import type { Revoker } from '../ratchet/revoker.js'
import { sealFacts, sealingKeys, unsealFacts, unsealForOnce } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { toGrant } from '../ratchet/to-grant.js'
import type { GrantRecord, GrantStore } from '../storage/storage.js'
import { assertGiven } from './assert-given.js'
import { checkGrantsCall, checkIssue } from './check-calls.js'
import { changedFacts, changedLifetimes } from './changed-grant.js'
import { ClientEnds } from './client-ends.js'
import { isGrantId } from './grant-id.js'
import type { GrantIssuer } from './grant-issuer.js'
import type { GrantsPage, GrantsPageOptions, GrantUpdate, IssueOptions } from './grant-options.js'
import { ManyRevocations } from './many-revocations.js'
import { ListedGrants } from './listed-grants.js'
import { MassRevocation } from './mass-revocation.js'
import { isNobodyElses } from './opened-record.js'
import { assertRevokeAllOptions } from './revoke-all-options.js'
import type { RevokeAllOptions } from './revoke-all-options.js'
import { assertRevokeSomeOptions } from './revoke-some-options.js'
import type { RevokedSome, RevokeSomeOptions } from './revoke-some-options.js'
import type { SignOuts } from './sign-outs.js'
import type { TokenResponse } from './token-response.js'

/**
 * `server.grants`: what apps call about grants, outside any request of a client. In an outage every method throws an
 * `OAuthError` with status 503 and `retryAfter`, and `request.failed` is raised.
 */
export class Grants {
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #revoker: Revoker
  readonly #clients: ClientDirectory
  readonly #issuer: GrantIssuer
  readonly #manyRevocations: ManyRevocations
  readonly #events: Events
  readonly #maintenance: Maintenance
  readonly #clientEnds: ClientEnds
  readonly #listed: ListedGrants

  constructor(parts: {
    grants: GrantStore
    ring: KeyRing
    settings: Settings
    revoker: Revoker
    clients: ClientDirectory
    registry: Clients
    issuer: GrantIssuer
    events: Events
    maintenance: Maintenance
    signOuts: SignOuts
  }) {
    this.#store = parts.grants
    this.#ring = parts.ring
    this.#settings = parts.settings
    this.#revoker = parts.revoker
    this.#clients = parts.clients
    this.#issuer = parts.issuer
    this.#events = parts.events
    this.#maintenance = parts.maintenance
    this.#clientEnds = new ClientEnds(parts)
    this.#listed = new ListedGrants({ ...parts, clientEnds: this.#clientEnds })
    this.#manyRevocations = new ManyRevocations({ ...parts, massRevocation: new MassRevocation(parts) })
  }

  /**
   * Gives out first tokens after the app's own login: a grant like any other, and the RFC 6749 token response. With
   * a refresh token if the client's `grant_types` has `refresh_token`.
   *
   * @throws OAuthError `invalid_client` for an unknown client, `invalid_scope` for a scope it is not registered for,
   *   `invalid_grant` where `atLimit` is `refuse` and the subject has as many grants as may be
   * @throws TypeError for a sign-in that cannot be right: no subject, `authTime` in milliseconds, a misspelt member
   */
  issue(options: IssueOptions): Promise<TokenResponse> {
    const origin = new Origin()
    const issue = async (): Promise<TokenResponse> => {
      checkIssue(options)
      this.#maintenance.assertOff()
      const client = await this.#clients.require(options.clientId)
      const scope = this.#issuer.scopeFor(client, options.scope)
      return this.#issuer.issue(client, options, scope, origin)
    }
    return reportOutages(this.#events, issue, origin)
  }

  /** One grant, in whatever state; undefined when there is none (any more). */
  get(id: string): Promise<Grant | undefined> {
    return reportOutages(this.#events, async () => {
      checkGrantsCall('get', {}, id)
      const record = await this.#find(id)
      return record && this.#toGrant(record, await this.#clientEnds.each().of(record.clientId))
    })
  }

  /**
   * A subject's live grants, the oldest first. Unredeemed codes are not among them. One that cannot be read (`unreadable`) is,
   * and raises `request.failed`, once for all of them; so it is for `each` and `page`.
   *
   * @param options.limit how many at most; default 1000. For more see {@link Grants.each}.
   */
  async list(options: { subject: string; clientId?: string; limit?: number }): Promise<Grant[]> {
    checkGrantsCall('list', options)
    const { limit = 1000, ...filter } = options
    const grants: Grant[] = []
    if (!(limit > 0)) return grants
    for await (const grant of this.each(filter)) {
      if (grants.push(grant) >= limit) break
    }
    return grants
  }

  /** A subject's live grants one after the other, read page by page. */
  async *each(options: { subject: string; clientId?: string }): AsyncGenerator<Grant, void, undefined> {
    checkGrantsCall('each', options)
    assertGiven('subject', options.subject, 'say whose grants')
    yield* this.#listed.each(options)
  }

  /**
   * One page of a subject's live grants, the oldest first, and where the next one begins. A page has at least one grant as
   * long as there is one. One storage call for each 64 grants, but where it leaves out grants that `grants_not_before` has
   * ended.
   *
   * @throws CursorError for a cursor that no page of this storage has given
   */
  page(options: GrantsPageOptions): Promise<GrantsPage> {
    return reportOutages(this.#events, async () => {
      checkGrantsCall('page', options)
      return this.#listed.page(options)
    })
  }

  /**
   * Changes a live grant; undefined when there is none. Of two concurrent updates neither is lost.
   *
   * @throws RangeError for a scope that the grant does not have, or an invalid lifetime
   */
  update(id: string, update: GrantUpdate): Promise<Grant | undefined> {
    return reportOutages(this.#events, () => this.#update(id, update))
  }

  async #update(id: string, update: GrantUpdate): Promise<Grant | undefined> {
    checkGrantsCall('update', update, id)
    this.#maintenance.assertOff()
    for (let attempt = 0; attempt < 10; attempt++) {
      const record = await this.#find(id)
      const facts = record === undefined ? undefined : unsealFacts(this.#ring, record)
      const now = this.#settings.now()
      if (record === undefined || facts === undefined) return undefined
      const client = await this.#clientEnds.clientOf(record.clientId)
      const notBefore = this.#clientEnds.endOf(client)
      const { status } = this.#toGrant(record, notBefore)
      if (status === 'revoked' || status === 'expired') return undefined
      const lifetimes = update.lifetimes && changedLifetimes(record, update.lifetimes, now)
      const { amended, grant } = await this.#store.amend(id, record.revision, {
        now,
        // Under the secret it had: the subject's hash beside it stays that secret's too, until a turn changes both.
        facts: sealFacts(
          this.#ring,
          id,
          changedFacts(facts, update, this.#settings),
          sealingKeys(this.#ring, record),
        ),
        ...(lifetimes !== undefined && {
          lifetimes,
          format: formatOfLimits(client?.limits ?? this.#settings, { ...record, ...lifetimes }),
        }),
      })
      if (amended && grant !== undefined) return this.#toGrant(grant, notBefore)
    }
    throw new StorageError('The grant changed under every attempt to update it.', { outcome: 'not_applied' })
  }

  /**
   * Ends a grant at once: its refresh token and all its access tokens. True if it was live until now.
   *
   * @param options.subject end it only if it is this subject's: for a page where users end their own sessions. With it one
   *   that is `unreadable` can be ended, of which nobody can say otherwise that it is this server's
   * @param options.by who asks for it, for `grant.revoked`: at most 255 characters
   * @throws TypeError for `subject: undefined`, with which the grant would end whosever it is
   */
  async revoke(id: string, options: { subject?: string; by?: string | undefined } = {}): Promise<boolean> {
    checkGrantsCall('revoke', options, id)
    if ('subject' in options) assertGiven('subject', options.subject)
    const origin = new Origin({}, actorOf(options.by))
    const revoke = async (): Promise<boolean> => {
      if (options.subject !== undefined) {
        const subjectHashes = this.#ring.subjectHashes(options.subject)
        return isGrantId(id) && this.#revoker.revoke(id, 'revoked', { subjectHashes, origin })
      }
      if (!isGrantId(id)) return false
      // One of another realm is not ours to end; one that is not there yet gets its tombstone. And a record that cannot
      // be read (a newer version's, a damaged one) can be ended all the same.
      const record = await this.#store.find(id).catch(() => undefined)
      if (record !== undefined && !isNobodyElses(this.#ring, record)) return false
      return this.#revoker.revoke(id, 'revoked', { origin })
    }
    return reportOutages(this.#events, revoke, origin)
  }

  /**
   * Ends all grants that fit, unredeemed codes included; answers how many were live. With a subject: page by page,
   * and none is missed that is being created meanwhile. With a client alone: a client of `server.clients` gets
   * `grants_not_before` first, which ends all its grants at once (other processes hear of it within 5 seconds); then
   * every grant in the store is read, which takes time in proportion to its size.
   *
   * With a subject and nothing else it signs out everywhere: a login from before (by its `authTime`, and by when its code or
   * grant was made) can be neither issued nor redeemed afterwards. That is remembered for 400 days. A call with a filter does
   * not do so: which later logins it is for, nobody could say.
   *
   * With `scope` every grant of the subject (or of the client) is read and then ended, unless its scope was changed in
   * between; then it is read again. A sign-in that is stored after the walk over them is not found.
   *
   * A record that cannot be read is left out and raises `request.failed`, once for all of them.
   *
   * @throws TypeError when neither subject nor client is named, and for an option that is there and undefined, null or
   *   empty: taken for absent, it would end more than was meant
   */
  async revokeAll(options: RevokeAllOptions): Promise<number> {
    checkGrantsCall('revokeAll', options)
    assertRevokeAllOptions(options)
    const origin = new Origin({}, actorOf(options.by))
    return reportOutages(this.#events, () => this.#manyRevocations.all(options, origin), origin)
  }

  /**
   * The same for callers that cannot wait until all are ended, such as a request behind a proxy: it stops after `seconds`, and
   * the answer has a `cursor` while there may be more. Call it again with that cursor and the same options until there is none.
   * The first call does what `revokeAll` does first: a client of `server.clients` gets `grants_not_before`, a subject alone is
   * signed out everywhere. A call that is repeated after a lost answer does no harm.
   *
   * @throws CursorError for a cursor of other options, or one that no call has given
   * @throws TypeError as `revokeAll`
   * @throws RangeError for `seconds` out of range
   */
  async revokeSome(options: RevokeSomeOptions): Promise<RevokedSome> {
    checkGrantsCall('revokeSome', options)
    assertRevokeSomeOptions(options)
    const origin = new Origin({}, actorOf(options.by))
    return reportOutages(this.#events, () => this.#manyRevocations.some(options, origin), origin)
  }

  /**
   * For the deletion of a person: signs the subject out everywhere, as `revokeAll({ subject })`; answers how many grants
   * were live. What identifies the person is gone with the answer: everything sealed (subject, scope, claims, metadata,
   * session, addresses). What stays until the last access token has ended, a day and a minute at most, has no personal data
   * but keyed hashes, which only the secrets lead back to: the ended records with their hashes of subject and session, by
   * which a grant that is being made is kept from beginning, and the time of this call (this one until `importToken` is
   * over, where there is one). Then the storage removes them. The subject must not be given to anybody else.
   *
   * @param options.by who asks for it, for the events
   * @throws TypeError for no subject, or one that is empty
   */
  async erase(options: { readonly subject: string; readonly by?: string | undefined }): Promise<number> {
    checkGrantsCall('erase', options)
    const { subject, by } = options
    assertGiven('subject', subject, 'say whose grants')
    const origin = new Origin({}, actorOf(by))
    return reportOutages(this.#events, () => this.#manyRevocations.erase(subject, origin), origin)
  }

  /** The record of a grant, whoever asks for whatever id: one of ours, and no tombstone. */
  async #find(id: string): Promise<GrantRecord | undefined> {
    const record = isGrantId(id) ? await this.#store.find(id) : undefined
    return record === undefined || record.clientId === '' || !isNobodyElses(this.#ring, record)
      ? undefined
      : record
  }

  #toGrant(record: GrantRecord, notBefore: number): Grant {
    return toGrant(this.#ring, this.#settings, record, unsealForOnce(this.#ring, record), notBefore)
  }
}
