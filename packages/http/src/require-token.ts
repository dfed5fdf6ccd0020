import { CallbackError, isOAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpCaller } from './caller/caller.js'
import type { RequireTokenOptions } from './guard/require-token-options.js'
import { tokenGuard } from './guard/token-guard.js'
import { tokenSourceOf } from './guard/token-source.js'
import type { TokenAuthority } from './guard/token-source.js'
import type { TokenGuard } from './guard/token-guard.js'
import { lastCatch } from './messages/last-catch.js'
import { errorResponse, writeResponse } from './messages/write-response.js'

/** Calls `next` for a request that may go on, and answers all others. */
export interface RequireToken<Req = IncomingMessage, Res = ServerResponse> {
  (req: Req, res: Res, next: () => void): void
  /**
   * The same without an answer, for frameworks that write it themselves: undefined where an optional token is missing;
   * rejects with an `OAuthError` that has `status`, `statusCode`, `code` and `headers`, which the error handling of
   * Fastify and Koa writes, or with what the option `user` has thrown.
   */
  readonly authenticate: TokenGuard<Req>
}

/**
 * Guards routes with access tokens of this server: one storage call per request, so that a revocation bites at once. In a
 * process without the server give what `createTokenVerifier` has made.
 *
 * ```ts
 * const guard = requireToken(server, { scope: 'notes:read' })
 * createServer((req, res) => guard(req, res, () => res.end(notesOf(getAuth(req).subject))))
 * ```
 *
 * A good token's `Auth` is at `req.auth` and is what `getAuth(req)` gives. Everything else is answered as JSON (RFC 6749
 * §5.2) with the `WWW-Authenticate` challenge:
 *
 * - 401 without an `error` in the challenge: no token was shown, or another scheme than Bearer
 * - 400 `invalid_request`: a malformed header, two of them, or a token in a parsed form body as well
 * - 401 `invalid_token`: not a token of this server, expired, revoked, for another audience, a refresh token, or without
 *   a user where `user` finds none
 * - 403 `insufficient_scope`: lacks `scope`, or belongs to no user where `subject` is `'user'`
 * - 503 `temporarily_unavailable` with `Retry-After`: the storage cannot say, or `user` threw; never taken for a bad token
 *
 * @throws ConfigurationError `http.server`, `http.options`, `http.unknown_option`, `http.unknown_scope` for a scope that
 *   the server's `scopes` do not have, and `http.` with the name of an option that cannot work
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function requireToken<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
>(server: TokenAuthority, options: RequireTokenOptions<Req> = {}): RequireToken<Req, Res> {
  const authenticate = tokenGuard(httpCaller, server, options)
  const { toError } = tokenSourceOf(httpCaller, server)
  const admit = async (req: Req, res: Res, next: () => void): Promise<void> => {
    try {
      await authenticate(req)
    } catch (error) {
      const refused = isOAuthError(error) ? error : new CallbackError('user', 'threw', error)
      return writeResponse(res, errorResponse(toError(refused)))
    }
    next()
  }
  return Object.assign(
    (req: Req, res: Res, next: () => void) => lastCatch(admit(req, res, next), res, toError),
    {
      authenticate,
    },
  )
}
