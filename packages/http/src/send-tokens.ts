import type { TokenResponse } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import { httpCaller } from './caller/caller.js'
import { sendTokensFor } from './messages/send-tokens-for.js'
import type { SendTokensOptions } from './messages/send-tokens-for.js'

/**
 * Sends a token response from a route of the app's own: status 200, as JSON, with `Cache-Control: no-store`.
 *
 * With `options`, the refresh token of a client that `refreshTokenCookie` of the server's `oauthHandler` names goes into
 * its cookie, as at the token endpoint. The handler must have been made before the first call.
 *
 * @param res Node's response; nothing may have been sent
 * @param tokens what `server.grants.issue` or `server.tokens.refresh` has given
 * @throws ConfigurationError `http.send_tokens` for anything else, a promise of it above all; for options without a
 *   `server` that has a handler, or without a `clientId`; `http.server`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function sendTokens(res: ServerResponse, tokens: TokenResponse, options?: SendTokensOptions): void {
  sendTokensFor(httpCaller, res, tokens, options)
}
