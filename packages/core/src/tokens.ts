import type { GenuineAccessToken, JwtDetails } from './access-tokens/claims.js'
import { OAuthError } from './faults/errors.js'
import { toOAuthError } from './faults/outages.js'
import { refreshTokenGrant } from './grant-types/refresh-token.js'
import type { TokenResponse } from './grants/token-response.js'
import { revokeToken } from './grants/token-revocation.js'
import { Origin } from './http/origin.js'
import type { StartedRequest } from './instrumentation.js'
import { actorOf } from './options/actor.js'
import { checkCall } from './options/member-names.js'
import { requestedScopes, splitScope } from './options/scopes.js'
import type { Facts } from './ratchet/facts.js'
import { keptOf } from './ratchet/seen.js'
import type { ServerParts } from './server-parts.js'
import { introspectAny } from './token-introspection.js'
import type { Introspection } from './token-introspection.js'
import type { Writable } from './writable.js'

/** Who a good access token speaks for. Times are milliseconds since the epoch, but for `authTime`, in seconds. */
export interface Auth {
  /** The access token itself. */
  readonly token: string
  readonly clientId: string
  /** Absent for client credentials: no user is involved. */
  readonly subject?: string
  readonly grantId?: string
  readonly scope: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly audience: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly authTime?: number
  readonly acr?: string
  readonly amr?: readonly string[]
}

export interface VerifyOptions {
  /** What the token must be for: one of these. Default: the server's own `accessToken.audience`. */
  readonly audience?: string | readonly string[] | undefined
  /**
   * False: believe a JWT until it expires, without asking its grant. Saves the storage call, and a revocation then
   * bites only at expiry. Opaque tokens are asked anyway. Default true.
   */
  readonly checkGrant?: boolean | undefined
}

export interface RefreshOptions {
  readonly refreshToken: string
  readonly clientId: string
  /** Narrows the access token, not the grant. Left out: all of the grant's; an empty list is `invalid_scope`. */
  readonly scope?: string | readonly string[]
  readonly idempotencyKey?: string | undefined
  /** Whose request it is, for the evidence of `grant.reuse_detected`: `req.ip`, say. */
  readonly remoteAddress?: string | undefined
  /** The `User-Agent` of that request, for the same. This and the address are kept where `sessions.keep` has them. */
  readonly userAgent?: string | undefined
  /** The app's own id of that request, for its events. Default: one is made up. */
  readonly requestId?: string | undefined
}

// Objects, so that the compiler reports a name that is missing here.
const refreshNames: Record<keyof RefreshOptions, true> = {
  refreshToken: true,
  clientId: true,
  scope: true,
  idempotencyKey: true,
  remoteAddress: true,
  userAgent: true,
  requestId: true,
}
const verifyNames: Record<keyof VerifyOptions, true> = { audience: true, checkGrant: true }

/**
 * `server.tokens`: the endpoints for the app's own routes, sockets and resolvers. All throw {@link OAuthError}, and
 * `TypeError` for an unknown option.
 */
export class Tokens {
  readonly #parts: ServerParts

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  /**
   * The refresh grant without HTTP; the answer is the RFC 6749 token response. The caller speaks for the client,
   * so no secret is asked. Concurrency and grace as at the token endpoint.
   *
   * @throws OAuthError `invalid_grant`, `invalid_client`, `invalid_scope`, `unauthorized_client`; 503 in an outage
   */
  async refresh(options: RefreshOptions): Promise<TokenResponse> {
    checkCall('tokens.refresh', options, refreshNames)
    const { requestId, remoteAddress, userAgent } = options
    const origin = new Origin({ requestId, remoteAddress, userAgent })
    const found: { clientId?: string; readonly grantType: string } = { grantType: 'refresh_token' }
    return this.#answer('token', origin, found, async () => {
      this.#parts.maintenance.assertOff()
      const client = await this.#parts.clients.require(options.clientId)
      found.clientId = client.id
      if (!client.grantTypes.has('refresh_token')) {
        throw new OAuthError(
          'unauthorized_client',
          'The client is not registered for the refresh_token grant.',
        )
      }
      if (typeof options.refreshToken !== 'string') {
        throw new OAuthError('invalid_request', 'refreshToken must be a string.')
      }
      if (options.idempotencyKey !== undefined && typeof options.idempotencyKey !== 'string') {
        throw new OAuthError('invalid_request', 'idempotencyKey must be a string.')
      }
      return refreshTokenGrant(this.#parts, client, {
        refreshToken: options.refreshToken,
        scope: requestedScopes(options.scope),
        idempotencyKey: options.idempotencyKey,
        origin,
        seenFrom: keptOf(this.#parts.settings.keep, options),
      })
    })
  }

  /**
   * Whether an access token is good now, and for whom: one storage call.
   *
   * @throws OAuthError `invalid_token` (401) for one that is not; 503 in an outage
   */
  async verify(token: string, options: VerifyOptions = {}): Promise<Auth> {
    checkCall('tokens.verify', options, verifyNames)
    const origin = new Origin()
    return this.#answer('verify', origin, {}, async () => {
      const active =
        typeof token === 'string'
          ? await this.#parts.accessTokens.check(token, options.checkGrant ?? true, origin)
          : undefined
      if (active === undefined) throw invalidToken()
      const { token: content, grant, facts } = active
      if (!isFor(options.audience ?? this.#parts.settings.audience, content.audience)) throw invalidToken()
      const claims =
        content.details?.claims ??
        (grant !== undefined && facts !== undefined
          ? await this.#parts.accessTokens.claimsFor(grant, facts)
          : {})
      return authOf(token, content, facts ?? content.details, claims)
    })
  }

  /**
   * What a token stands for, access or refresh token, whosever it is: the introspection response (RFC 7662) for tools and
   * support pages. `{ active: false }` for one that is not good (any more). It presents nothing: a spent refresh token ends
   * nothing, and no idle limit moves. One or two storage calls.
   *
   * @throws OAuthError 503 in an outage
   */
  introspect(token: string): Promise<Introspection> {
    const origin = new Origin()
    return this.#answer('introspect', origin, {}, async () => {
      const known = typeof token === 'string' ? await introspectAny(this.#parts, token, origin) : undefined
      return known ?? { active: false }
    })
  }

  /**
   * Ends what a token stands for, whosever it is; see the revocation endpoint. An unknown token is fine.
   *
   * @param options.by who asked for it, for `grant.revoked`
   */
  async revoke(token: string, options: { by?: string | undefined } = {}): Promise<void> {
    checkCall('tokens.revoke', options, { by: true })
    const origin = new Origin({}, actorOf(options.by))
    return this.#answer('revoke', origin, {}, async () => {
      if (typeof token === 'string') await revokeToken(this.#parts, undefined, token, origin)
    })
  }

  #answer<T>(
    endpoint: StartedRequest['endpoint'],
    origin: Origin,
    found: { readonly clientId?: string; readonly grantType?: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const { events, instruments } = this.#parts
    const answer = async (): Promise<T> => {
      try {
        return await work()
      } catch (error) {
        throw toOAuthError(events, error, origin)
      }
    }
    if (!instruments.active) return answer()
    return instruments.request({ endpoint }, answer, (settled) => {
      const refusal = settled.status === 'rejected' ? (settled.reason as OAuthError) : undefined
      return {
        status: refusal?.status ?? 200,
        requestId: origin.requestId,
        ...found,
        ...(refusal !== undefined && { error: refusal.code }),
      }
    })
  }
}

// Two literals and no spread: this is made for every call of an API.
function authOf(
  token: string,
  content: GenuineAccessToken,
  details: Facts | JwtDetails | undefined,
  claims: Auth['claims'],
): Auth {
  const { clientId, grantId, audience } = content
  const scope = splitScope(content.scope)
  const issuedAt = content.issuedAt * 1000
  const expiresAt = content.expiresAt * 1000
  const auth: Writable<Auth> =
    grantId === undefined || details === undefined
      ? { token, clientId, scope, claims, audience, issuedAt, expiresAt }
      : { token, clientId, grantId, subject: details.subject, scope, claims, audience, issuedAt, expiresAt }
  if (details?.authTime !== undefined) auth.authTime = details.authTime
  if (details?.acr !== undefined) auth.acr = details.acr
  if (details?.amr !== undefined) auth.amr = details.amr
  return auth
}

function isFor(wanted: string | readonly string[], audience: readonly string[]): boolean {
  return audience.some((value) => (typeof wanted === 'string' ? wanted === value : wanted.includes(value)))
}

function invalidToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'The access token is not valid: unknown, expired, revoked, or not for this API.',
  )
}
