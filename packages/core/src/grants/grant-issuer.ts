import type { AccessTokens } from '../access-tokens/access-tokens.js'
import type { Client } from '../clients/client.js'
import type { Events } from '../events.js'
import { OAuthError } from '../faults/errors.js'
import type { OAuthErrorCode } from '../faults/errors.js'
import type { Origin } from '../http/origin.js'
import { offlineAccess, requestedScopes, splitScope } from '../options/scopes.js'
import { millisecondsOf } from '../options/seconds.js'
import type { Settings } from '../options/settings.js'
import type { SignIn } from '../options/sign-in.js'
import type { CodeBinding } from '../ratchet/code-proof.js'
import { describeGrant } from '../ratchet/describe-grant.js'
import { draftGrant } from '../ratchet/draft-grant.js'
import type { Lifetimes } from '../ratchet/limits.js'
import type { Ratchet } from '../ratchet/ratchet.js'
import type { Revoker } from '../ratchet/revoker.js'
import type { Facts } from '../ratchet/sealing.js'
import type { SeenFrom } from '../ratchet/seen.js'
import type { KeyRing } from '../ratchet/secrets.js'
import type { RatchetToken } from '../ratchet/token-codec.js'
import type { GrantRecord, GrantStore } from '../storage/storage.js'
import { allowedScope, registeredScope, scopeWithin } from './client-scope.js'
import { LimitKeeper } from './limit-keeper.js'
import { factsOf } from './sign-in-facts.js'
import type { SignOuts } from './sign-outs.js'
import { addLimits } from './token-response.js'
import type { TokenResponse } from './token-response.js'
import { WaitingCodes } from './waiting-codes.js'

type Claims = Readonly<Record<string, unknown>>

/** Begins grants, and answers with the tokens of a grant that has begun or turned. */
export class GrantIssuer {
  readonly #settings: Settings
  readonly #ratchet: Ratchet
  readonly #accessTokens: AccessTokens
  readonly #limitKeeper: LimitKeeper
  readonly #revoker: Revoker
  readonly #signOuts: SignOuts
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
    signOuts: SignOuts
  }) {
    this.#settings = parts.settings
    this.#ratchet = parts.ratchet
    this.#accessTokens = parts.accessTokens
    this.#limitKeeper = new LimitKeeper(parts)
    this.#revoker = parts.revoker
    this.#signOuts = parts.signOuts
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
   * For how long a grant would give access: without a refresh token as long as one access token.
   *
   * @param own what the sign-in shortens them to, in seconds
   */
  lifetimesFor(client: Client, scope: readonly string[], own: SignIn['lifetimes']): Lifetimes {
    const { idle, absolute } = own ?? {}
    if (!this.#isRefreshable(client, scope.join(' '))) {
      const lifetime = shorter(client.accessTokenLifetimeMs, absolute)
      return { idleLifetimeMs: lifetime, absoluteLifetimeMs: lifetime }
    }
    const { idleLifetimeMs, absoluteLifetimeMs } = offlineLimits(client, scope) ?? client.limits
    return {
      idleLifetimeMs: shorter(idleLifetimeMs, idle),
      absoluteLifetimeMs: shorter(absoluteLifetimeMs, absolute),
    }
  }

  /**
   * Makes the grant of an authorization code, and answers the code.
   *
   * @throws OAuthError `temporarily_unavailable` while too many codes of this subject and client wait, see {@link WaitingCodes};
   *   `access_denied` where the subject has as many grants as may be, and more are refused; `login_required` for a login
   *   from before the subject was signed out everywhere
   */
  async beginWithCode(
    client: Client,
    signIn: SignIn,
    scope: readonly string[],
    binding: CodeBinding,
    from?: SeenFrom,
  ): Promise<string> {
    const now = this.#settings.now()
    const expiresAt = now + this.#settings.codeLifetimeMs
    const draft = {
      clientId: client.id,
      facts: factsOf(signIn, scope, { keep: this.#settings.keep, from }),
      ...this.#limits(client, signIn, scope, now, expiresAt),
      code: { binding, expiresAt },
    }
    if (await this.#signOuts.endedLogin(draft.facts)) {
      throw new OAuthError('login_required', 'The user was signed out everywhere after this login.')
    }
    await this.assertRoom(client, signIn.subject, 'access_denied')
    const record = draftGrant(this.#ring, draft, this.#settings.now())
    this.#waitingCodes.add(record, this.#settings.now())
    await this.#ratchet.issue(record)
    return this.#ratchet.tokenOf(record)
  }

  /**
   * Makes a grant that begins with tokens: after a password, or a login of the app's own.
   *
   * @throws OAuthError `invalid_grant` for a login from before the subject was signed out everywhere, and as
   *   {@link LimitKeeper.keep}
   */
  async issue(
    client: Client,
    signIn: SignIn,
    scope: readonly string[],
    origin: Origin,
    from?: SeenFrom,
  ): Promise<TokenResponse> {
    const { record, facts } = this.draft(client, signIn, scope, from)
    await this.assertRoom(client, facts.subject)
    const claims = await this.claimsAtIssue(record, facts)
    await this.#ratchet.issue(record)
    await this.assertNotSignedOut(record, facts)
    return this.begun(client, record, facts, claims, origin)
  }

  /**
   * A grant that begins with tokens, not stored yet.
   *
   * @param token the foreign token that it is imported from
   */
  draft(
    client: Client,
    signIn: SignIn,
    scope: readonly string[],
    from?: SeenFrom,
    token?: RatchetToken,
  ): { readonly record: GrantRecord; readonly facts: Facts } {
    const now = this.#settings.now()
    const facts = factsOf(signIn, scope, { keep: this.#settings.keep, from })
    const limits = this.#limits(client, signIn, scope, now)
    return { record: draftGrant(this.#ring, { clientId: client.id, facts, ...limits, token }, now), facts }
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

  /**
   * Ends a grant that is about to give its first tokens where the login behind it is older than the subject's latest
   * sign-out everywhere. Asked once the grant is stored: a sign-out that does not find it has been remembered before.
   *
   * @throws OAuthError `invalid_grant`
   */
  async assertNotSignedOut(record: GrantRecord, facts: Facts): Promise<void> {
    let ended: boolean
    try {
      ended = await this.#signOuts.endedLogin(facts, record)
    } catch (error) {
      // Nobody has a token of it yet, and nobody can say whether it may have any. A code stays, and can come again.
      if (record.generation > 0) await this.#revoker.revoke(record.id, 'revoked').catch(() => false)
      throw error
    }
    if (!ended) return
    await this.#revoker.revoke(record.id, 'revoked')
    throw new OAuthError('invalid_grant', 'The user was signed out everywhere after this login.')
  }

  /**
   * Asked before anything is stored or consumed.
   *
   * @throws OAuthError see {@link LimitKeeper.assertRoom}
   */
  assertRoom(client: Client, subject: string, code?: OAuthErrorCode): Promise<void> {
    return this.#limitKeeper.assertRoom(client, subject, code)
  }

  /**
   * The answer to a grant's first tokens; keeps the limits of grants per subject.
   *
   * @param imported of a grant that was imported and has just turned: the scope of its access token
   * @throws OAuthError see {@link LimitKeeper.keep}
   */
  async begun(
    client: Client,
    record: GrantRecord,
    facts: Facts,
    claims: Claims | undefined,
    origin: Origin,
    imported?: { readonly scope: string },
  ): Promise<TokenResponse> {
    this.#waitingCodes.remove(record.id)
    const keepLimits = (): Promise<void> =>
      this.#limitKeeper.keep(client, record, facts.subject, origin, imported !== undefined)
    // Refused, the grant has not begun, and no event may say so. Otherwise its event comes before those of the grants that
    // end for it.
    const refuses = this.#settings.atLimit === 'refuse'
    if (refuses) await keepLimits()
    const scope = imported?.scope ?? facts.scope
    const response = this.respond(client, record, facts, scope, claims, record.turnedAt)
    if (this.#events.has('grant.issued')) {
      this.#events.emit('grant.issued', {
        ...describeGrant(this.#ring, record),
        ...origin.describe(),
        generation: record.generation,
        ...(imported !== undefined && { imported: true }),
      })
    }
    if (!refuses) await keepLimits()
    return response
  }

  /**
   * The token response for a grant's current generation. The same generation gives the same refresh token.
   *
   * @param at the time from which limits and the access token are counted: that of the turn, where this answers one
   */
  respond(
    client: Client,
    record: GrantRecord,
    facts: Facts,
    scope: string,
    claims: Claims | undefined,
    at: number,
  ): TokenResponse {
    const { accessToken, expiresIn } = this.#accessTokens.issue(client, record, facts, scope, claims, at)
    const response: TokenResponse = { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn }
    if (scope !== '') response.scope = scope
    if (this.#isRefreshable(client, facts.scope)) {
      response.refresh_token = this.#ratchet.tokenOf(record)
      addLimits(response, record, at)
    }
    return response
  }

  /** Refresh tokens go to clients that have the grant type, not to those that ask for one. */
  #isRefreshable(client: Client, scope: string): boolean {
    if (!client.grantTypes.has('refresh_token')) return false
    return !this.#settings.requireOfflineAccess || splitScope(scope).includes(offlineAccess)
  }

  // The absolute limit counts from consent. Without a refresh token a grant is as old as its access token can get.
  #limits(client: Client, signIn: SignIn, scope: readonly string[], now: number, begins = now) {
    const { absolute } = signIn.lifetimes ?? {}
    if (!this.#isRefreshable(client, scope.join(' '))) {
      const lifetime = client.accessTokenLifetimeMs
      const end = begins + lifetime
      const limit = absolute === undefined ? end : now + millisecondsOf(absolute)
      return { idleLifetimeMs: lifetime, absoluteExpiresAt: Math.min(end, limit) }
    }
    const { idleLifetimeMs, absoluteLifetimeMs } = this.lifetimesFor(client, scope, signIn.lifetimes)
    return {
      idleLifetimeMs,
      absoluteExpiresAt: absoluteLifetimeMs === null ? null : now + absoluteLifetimeMs,
      offline: offlineLimits(client, scope) !== undefined,
    }
  }
}

function offlineLimits(client: Client, scope: readonly string[]): Lifetimes | undefined {
  return scope.includes(offlineAccess) ? client.limits.offline : undefined
}

function shorter(settingMs: number | null, seconds: number | undefined): number | null {
  if (seconds === undefined) return settingMs
  const ms = millisecondsOf(seconds)
  return settingMs === null ? ms : Math.min(settingMs, ms)
}
