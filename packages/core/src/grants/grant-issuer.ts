import type { AccessTokens } from '../access-tokens/access-tokens.js'
import type { Client } from '../clients/client.js'
import type { Events } from '../events.js'
import type { Origin } from '../http/origin.js'
import { offlineAccess, requestedScopes, splitScope } from '../options/scopes.js'
import { millisecondsOf } from '../options/seconds.js'
import type { Settings } from '../options/settings.js'
import type { SignIn } from '../options/sign-in.js'
import type { CodeBinding } from '../ratchet/code-proof.js'
import { describeGrant } from '../ratchet/describe-grant.js'
import { draftGrant } from '../ratchet/draft-grant.js'
import type { Ratchet } from '../ratchet/ratchet.js'
import type { Revoker } from '../ratchet/revoker.js'
import type { Facts } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { everyPage } from '../storage/every-page.js'
import type { GrantRecord, GrantStore, Page } from '../storage/storage.js'
import { allowedScope, registeredScope, scopeWithin } from './client-scope.js'
import { factsOf } from './sign-in-facts.js'
import { limitsOf } from './token-response.js'
import type { TokenResponse } from './token-response.js'
import { WaitingCodes } from './waiting-codes.js'

type Claims = Readonly<Record<string, unknown>>

/** Begins grants, and answers with the tokens of a grant that has begun or turned. */
export class GrantIssuer {
  readonly #settings: Settings
  readonly #ratchet: Ratchet
  readonly #revoker: Revoker
  readonly #accessTokens: AccessTokens
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #events: Events
  readonly #waitingCodes = new WaitingCodes()

  constructor(parts: {
    settings: Settings
    ratchet: Ratchet
    revoker: Revoker
    accessTokens: AccessTokens
    grants: GrantStore
    ring: KeyRing
    events: Events
  }) {
    this.#settings = parts.settings
    this.#ratchet = parts.ratchet
    this.#revoker = parts.revoker
    this.#accessTokens = parts.accessTokens
    this.#store = parts.grants
    this.#ring = parts.ring
    this.#events = parts.events
  }

  /**
   * The scope that a request gets: what it asked for, or all that the client is registered for (RFC 6749 §3.3).
   *
   * @param forUser false for client credentials, which have no use for `offline_access`
   * @throws OAuthError `invalid_scope` if it asked for more than it may have
   */
  scopeFor(client: Client, requested: string | readonly string[] | undefined, forUser = true): string[] {
    const registered = registeredScope(this.#settings, client)
    const wanted = requestedScopes(requested)
    if (wanted === undefined) return registered
    const allowed = forUser ? allowedScope(this.#settings, client) : registered
    return scopeWithin(this.#settings, wanted, allowed, "is unknown, or not this client's to ask for")
  }

  /**
   * Makes the grant of an authorization code, and answers the code.
   *
   * @throws OAuthError `temporarily_unavailable` while too many codes of this subject and client wait, see {@link WaitingCodes}
   */
  async beginWithCode(
    client: Client,
    signIn: SignIn,
    scope: readonly string[],
    binding: CodeBinding,
  ): Promise<string> {
    const expiresAt = this.#settings.now() + this.#settings.codeLifetimeMs
    const draft = {
      clientId: client.id,
      facts: factsOf(signIn, scope),
      ...this.#limits(client, signIn, scope, expiresAt),
      code: { binding, expiresAt },
    }
    const record = draftGrant(this.#ring, draft, this.#settings.now())
    this.#waitingCodes.add(record, this.#settings.now())
    await this.#ratchet.issue(record)
    return this.#ratchet.tokenOf(record)
  }

  /** Makes a grant that begins with tokens: after a password, or a login of the app's own. */
  async issue(
    client: Client,
    signIn: SignIn,
    scope: readonly string[],
    origin: Origin,
  ): Promise<TokenResponse> {
    const facts = factsOf(signIn, scope)
    const limits = this.#limits(client, signIn, scope, this.#settings.now())
    const record = draftGrant(this.#ring, { clientId: client.id, facts, ...limits }, this.#settings.now())
    const claims = await this.claimsAtIssue(record, facts)
    await this.#ratchet.issue(record)
    return this.begun(client, record, facts, claims, origin)
  }

  /**
   * The app's claims for a token about to be issued, where issuing asks for them: before anything is stored or turned,
   * so that a callback that fails leaves nothing half done.
   *
   * @throws CallbackError
   */
  async claimsAtIssue(record: GrantRecord, facts: Facts): Promise<Claims | undefined> {
    return this.#accessTokens.asksClaimsAtIssue ? this.#accessTokens.claimsFor(record, facts) : undefined
  }

  /** The answer to a grant's first tokens; keeps the limit of grants per subject and client. */
  async begun(
    client: Client,
    record: GrantRecord,
    facts: Facts,
    claims: Claims | undefined,
    origin: Origin,
  ): Promise<TokenResponse> {
    this.#waitingCodes.remove(record.id)
    const response = this.respond(client, record, facts, facts.scope, claims, record.turnedAt)
    if (this.#events.has('grant.issued')) {
      this.#events.emit('grant.issued', {
        ...describeGrant(this.#ring, record, facts),
        ...origin.describe(),
        generation: record.generation,
      })
    }
    await this.#keepLimit(record, facts.subject, origin)
    return response
  }

  /**
   * The token response for a grant's current generation. The same generation gives the same refresh token.
   *
   * @param at the time from which limits are counted: that of the turn, where this answers one
   */
  respond(
    client: Client,
    record: GrantRecord,
    facts: Facts,
    scope: string,
    claims: Claims | undefined,
    at: number,
  ): TokenResponse {
    const { accessToken, expiresIn } = this.#accessTokens.issue(client, record, facts, scope, claims)
    const response: TokenResponse = { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn }
    if (scope !== '') response.scope = scope
    if (this.#isRefreshable(client, facts.scope)) {
      response.refresh_token = this.#ratchet.tokenOf(record)
      Object.assign(response, limitsOf(record, at))
    }
    return response
  }

  /** Refresh tokens go to clients that have the grant type, not to who asks for one. */
  #isRefreshable(client: Client, scope: string): boolean {
    if (!client.grantTypes.has('refresh_token')) return false
    return !this.#settings.requireOfflineAccess || splitScope(scope).includes(offlineAccess)
  }

  // The absolute limit counts from consent. Without a refresh token a grant is as old as its access token can get.
  #limits(client: Client, signIn: SignIn, scope: readonly string[], begins: number) {
    const { idle, absolute } = signIn.lifetimes ?? {}
    if (!this.#isRefreshable(client, scope.join(' '))) {
      const lifetime = client.accessTokenLifetimeMs
      const end = begins + lifetime
      const limit = absolute === undefined ? end : this.#settings.now() + millisecondsOf(absolute)
      return { idleLifetimeMs: lifetime, absoluteExpiresAt: Math.min(end, limit) }
    }
    const lifetime = shorter(client.limits.absoluteLifetimeMs, absolute)
    return {
      idleLifetimeMs: shorter(client.limits.idleLifetimeMs, idle),
      absoluteExpiresAt: lifetime === null ? null : this.#settings.now() + lifetime,
    }
  }

  /**
   * Ends all grants beyond the newest, the one that has just begun included. Each sign-in does so once its grant is live,
   * and none ends one of the newest: so whichever of several looks last leaves exactly as many as there may be.
   */
  async #keepLimit(record: GrantRecord, subject: string, origin: Origin): Promise<void> {
    const most = this.#settings.maxPerSubjectAndClient
    if (most === null) return
    try {
      const filter = { now: this.#settings.now(), clientId: record.clientId }
      const hashes = this.#ring.subjectHashes(subject)
      const live: GrantRecord[] = []
      const list = (page: Page) => this.#store.listBySubject(hashes, filter, page)
      for await (const { grants } of everyPage(500, list)) live.push(...grants)
      // Sorted here: the storage sorts within each hash.
      const sorted = live.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
      for (const grant of sorted.slice(0, Math.max(0, live.length - most)))
        await this.#revoker.revoke(grant.id, 'limit', { origin })
    } catch (error) {
      // The grant stands; that an older one outlives the limit is not worth refusing it.
      this.#events.emit('request.failed', { phase: 'storage', error, requestId: origin.requestId })
    }
  }
}

function shorter(settingMs: number | null, seconds: number | undefined): number | null {
  if (seconds === undefined) return settingMs
  const ms = millisecondsOf(seconds)
  return settingMs === null ? ms : Math.min(settingMs, ms)
}
