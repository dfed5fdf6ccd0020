import type { Auth, AuthorizationServer, OAuthError, VerifyOptions } from '@oauth-ratchet/core'
import type { NextFunction, Request, RequestHandler } from 'express'
import { BearerError, bearerError, missingToken } from './bearer-error.js'
import type { BearerChallenge } from './bearer-error.js'
import { bearerToken } from './bearer-token.js'
import { checkServer } from './check-server.js'
import { setAuth } from './get-auth.js'
import { lastCatch } from './last-catch.js'
import { checkRequireTokenOptions, scopesOf } from './require-token-options.js'
import type { RequireTokenOptions } from './require-token-options.js'

/**
 * Guards routes with access tokens of this server: one storage call per request, so that a revocation bites at once.
 *
 * ```ts
 * app.get('/notes', requireToken(server, { scope: 'notes:read' }), (req, res) => res.json(notesOf(getAuth(req).subject)))
 * ```
 *
 * A good token's {@link Auth} is at `req.auth` and is what `getAuth(req)` gives. Otherwise the guard answers nothing
 * itself: it calls `next` with an `OAuthError` that has `status`, `statusCode`, `code`, and `headers` with the
 * `WWW-Authenticate` challenge, which Express's own error handler writes too:
 *
 * - 401 without an `error` in the challenge: no token was shown, or another scheme than Bearer
 * - 400 `invalid_request`: a malformed header, two of them, or a token in a parsed form body as well
 * - 401 `invalid_token`: not a token of this server, expired, revoked, for another audience, a refresh token, or without
 *   a user where `user` finds none
 * - 403 `insufficient_scope`: lacks `scope`, or belongs to no user where `subject` is `'user'`
 * - 503 `temporarily_unavailable` with `Retry-After`: the storage cannot say; never taken for a bad token
 *
 * @throws ConfigurationError `express.server`, `express.options`, `express.unknown_option`, `express.unknown_scope` for a
 *   scope that the server's `scopes` do not have, and `express.` with the name of an option that cannot work
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function requireToken(server: AuthorizationServer, options: RequireTokenOptions = {}): RequestHandler {
  checkServer('requireToken', server)
  checkRequireTokenOptions(options, new Set(server.settings.scopes.keys()))
  const guard = guardOf(server, options)
  const property = options.property ?? 'auth'
  const admit = async (req: Request, next: NextFunction): Promise<void> => {
    try {
      const found = await authenticate(guard, req)
      if (found !== undefined) {
        setAuth(req, found.auth)
        Object.assign(req, { [property]: found.auth }, found.user !== undefined && { user: found.user })
      }
    } catch (error) {
      return next(error)
    }
    next()
  }
  return (req, res, next) => lastCatch(admit(req, next), res, (error) => server.endpoints.toError(error))
}

/** The options with all made ready that does not change from request to request. */
interface Guard {
  readonly server: AuthorizationServer
  readonly options: RequireTokenOptions
  readonly verifyOptions: VerifyOptions
  readonly scope: readonly string[]
  readonly challenge: BearerChallenge
}

function guardOf(server: AuthorizationServer, options: RequireTokenOptions): Guard {
  const { audience, checkGrant } = options
  const scope = scopesOf(options.scope)
  return {
    server,
    options,
    verifyOptions: {
      ...(audience !== undefined && { audience }),
      ...(checkGrant !== undefined && { checkGrant }),
    },
    scope,
    challenge: {
      realm: server.settings.issuer,
      ...(scope.length > 0 && { scope: scope.join(' ') }),
    },
  }
}

/** Who the request's token speaks for; undefined where an optional one is missing. */
async function authenticate(guard: Guard, req: Request): Promise<{ auth: Auth; user?: unknown } | undefined> {
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

async function verify({ server, verifyOptions, challenge }: Guard, token: string): Promise<Auth> {
  try {
    return await server.tokens.verify(token, verifyOptions)
  } catch (cause) {
    const { code, message, status, retryAfter } = cause as OAuthError
    if (code === 'invalid_token') throw bearerError(challenge, code, 401, message, cause)
    throw new BearerError(code, message, { status, cause, ...(retryAfter !== undefined && { retryAfter }) })
  }
}
