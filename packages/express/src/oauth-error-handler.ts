import { isOAuthError } from '@oauth-ratchet/core'
import { errorResponse, writeResponse } from '@oauth-ratchet/http/adapter'
import type { ErrorRequestHandler } from 'express'

/**
 * An error middleware that answers an `OAuthError`, of `requireToken`, `server.tokens` or `server.grants`, with the JSON of RFC 6749
 * §5.2, its status and its headers (`WWW-Authenticate`, `Retry-After`). Other errors, and errors after the answer has
 * begun, go on to the next error handler. Mount it after the routes:
 *
 * ```ts
 * app.use(oauthErrorHandler())
 * ```
 *
 * Without it the status and the headers arrive all the same, with Express's HTML page as the body.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export function oauthErrorHandler(): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent || !isOAuthError(error)) return next(error)
    writeResponse(res, errorResponse(error))
  }
}
