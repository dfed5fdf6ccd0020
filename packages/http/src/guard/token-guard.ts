import type { Auth, OAuthError, VerifyOptions } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { setAuth } from './auth-of-request.js'
import { BearerError, bearerError, missingToken } from './bearer-error.js'
import type { BearerChallenge } from './bearer-error.js'
import { bearerToken } from './bearer-token.js'
import { checkRequireTokenOptions, scopesOf } from './require-token-options.js'
import type { RequireTokenOptions } from './require-token-options.js'
import { tokenSourceOf } from './token-source.js'
import type { TokenAuthority, TokenSource } from './token-source.js'

/** Who a good access token speaks for. */
export interface TokenHolder {
  readonly auth: Auth
  /** What the option `user` has found. */
  readonly user?: unknown
}

/** Undefined where an optional token is missing. Rejects with what the request is to be refused with. */
export type TokenGuard<Req> = (req: Req) => Promise<TokenHolder | undefined>

/**
 * The guard without an answer: it also leaves who it has found on the request, for `getAuth`, at `property`, and at `user`.
 *
 * @throws ConfigurationError `server` and as {@link checkRequireTokenOptions}, with the beginning of the caller's codes
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function tokenGuard<Req extends IncomingMessage>(
  caller: Caller,
  server: TokenAuthority,
  options: RequireTokenOptions<Req>,
): TokenGuard<Req> {
  const source = tokenSourceOf(caller, server)
  checkRequireTokenOptions(caller, options, source.scopes)
  if (options.checkGrant === true && !source.checksGrants) {
    throw misuse(
      caller,
      'checkGrant',
      'requireToken: checkGrant needs the option introspection of the verifier.',
    )
  }
  const guard = guardOf(source, options)
  const property = options.property ?? 'auth'
  return async (req) => {
    const found = await authenticate(guard, req)
    if (found !== undefined) {
      setAuth(req, found.auth)
      const members = req as Record<string, unknown>
      members[property] = found.auth
      if (found.user !== undefined) members['user'] = found.user
    }
    return found
  }
}

/** The options with all made ready that does not change from request to request. */
interface Guard<Req> {
  readonly source: TokenSource
  readonly options: RequireTokenOptions<Req>
  readonly verifyOptions: VerifyOptions
  readonly scope: readonly string[]
  readonly challenge: BearerChallenge
}

function guardOf<Req>(source: TokenSource, options: RequireTokenOptions<Req>): Guard<Req> {
  const { audience, checkGrant } = options
  const scope = scopesOf(options.scope)
  return {
    source,
    options,
    verifyOptions: {
      ...(audience !== undefined && { audience }),
      ...(checkGrant !== undefined && { checkGrant }),
    },
    scope,
    challenge: {
      realm: source.issuer,
      ...(scope.length > 0 && { scope: scope.join(' ') }),
    },
  }
}

/** Who the request's token speaks for; undefined where an optional one is missing. */
async function authenticate<Req extends IncomingMessage>(
  guard: Guard<Req>,
  req: Req,
): Promise<TokenHolder | undefined> {
  const { challenge, options, scope } = guard
  const shown = bearerToken(req)
  if (shown.kind === 'malformed') throw bearerError(challenge, 'invalid_request', 400, shown.reason)
  if (shown.kind !== 'token') {
    if (options.optional === true) return undefined
    if (shown.kind === 'none') throw missingToken(challenge)
    throw bearerError(
      challenge,
      'invalid_request',
      400,
      'The Authorization header has no token after Bearer.',
    )
  }
  const auth = await verify(guard, shown.token)
  if (scope.some((value) => !auth.scope.includes(value))) {
    throw bearerError(
      challenge,
      'insufficient_scope',
      403,
      'The access token does not have the scope needed.',
    )
  }
  // Not `invalid_token`, which tells clients to get another one and try again: with client credentials they would for
  // ever get the same kind.
  if (options.subject === 'user' && auth.subject === undefined) {
    throw bearerError(
      challenge,
      'insufficient_scope',
      403,
      'This needs an access token that speaks for a user.',
    )
  }
  if (options.user === undefined || auth.subject === undefined) return { auth }
  const user: unknown = await options.user(auth, req)
  if (user === undefined || user === null || user === false)
    throw bearerError(challenge, 'invalid_token', 401, 'The user of this access token is gone.')
  return { auth, user }
}

async function verify({ source, verifyOptions, challenge }: Guard<never>, token: string): Promise<Auth> {
  try {
    return await source.verify(token, verifyOptions)
  } catch (cause) {
    const { code, message, status, retryAfter } = cause as OAuthError
    if (code === 'invalid_token') throw bearerError(challenge, code, 401, message, cause)
    throw new BearerError(code, message, { status, cause, ...(retryAfter !== undefined && { retryAfter }) })
  }
}
