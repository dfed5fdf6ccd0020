import type { TokenResponse } from '@oauth-ratchet/core'
import type { SendTokensOptions } from '@oauth-ratchet/http'
import { sendTokensFor } from '@oauth-ratchet/http/adapter'
import type { ServerResponse } from 'node:http'
import { expressCaller } from './caller.js'

/**
 * Sends a token response from a route of the app's own: status 200, as JSON, with `Cache-Control: no-store`, which is
 * easily forgotten with `res.json` and leaves tokens in caches.
 *
 * With `options`, the refresh token of a client that `refreshTokenCookie` of the server's `oauthRouter` names goes into its
 * cookie, as at the token endpoint. The router must have been made before the first call.
 *
 * @param tokens what `server.grants.issue` or `server.tokens.refresh` has given
 * @throws ConfigurationError `express.send_tokens` for anything else, a promise of it above all; for options without a
 *   `server` that has a router, or without a `clientId`; `express.server`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function sendTokens(res: ServerResponse, tokens: TokenResponse, options?: SendTokensOptions): void {
  sendTokensFor(expressCaller, res, tokens, options)
}
