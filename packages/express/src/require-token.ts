import type { RequireTokenOptions as GuardOptions, TokenAuthority } from '@oauth-ratchet/http'
import { lastCatch, tokenGuard, tokenSourceOf } from '@oauth-ratchet/http/adapter'
import type { NextFunction, Request, RequestHandler } from 'express'
import { expressCaller } from './caller.js'
import { shareShape } from './share-shape.js'

/** Each option is described where it is declared, at `RequireTokenOptions` of `@oauth-ratchet/http`. */
export interface RequireTokenOptions extends GuardOptions<Request> {}

/**
 * Guards routes with access tokens of this server: one storage call per request, so that a revocation bites at once. In a
 * process without the server give what `createTokenVerifier` has made.
 *
 * ```ts
 * app.get('/notes', requireToken(server, { scope: 'notes:read' }), (req, res) => res.json(notesOf(getAuth(req).subject)))
 * ```
 *
 * A good token's `Auth` is at `req.auth` and is what `getAuth(req)` gives. Otherwise the guard answers nothing
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
export function requireToken(server: TokenAuthority, options: RequireTokenOptions = {}): RequestHandler {
  const guard = tokenGuard(expressCaller, server, options)
  const { toError } = tokenSourceOf(expressCaller, server)
  const admit = async (req: Request, next: NextFunction): Promise<void> => {
    try {
      await guard(req)
    } catch (error) {
      return next(error)
    }
    next()
  }
  return (req, res, next) => {
    shareShape(req, res)
    lastCatch(admit(req, next), res, toError)
  }
}
