import { ConfigurationError, jsonResponse } from '@oauth-ratchet/core'
import type { TokenResponse } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import { writeResponse } from './write-response.js'

/**
 * Sends a token response from a route of the app's own: status 200, as JSON, with `Cache-Control: no-store`, which is
 * easily forgotten with `res.json` and leaves tokens in caches.
 *
 * @param tokens what `server.grants.issue` or `server.tokens.refresh` has given
 * @throws ConfigurationError `express.send_tokens` for anything else, a promise of it above all
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function sendTokens(res: ServerResponse, tokens: TokenResponse): void {
  // Without types a forgotten `await` is a promise, which JSON writes as `{}`.
  if (typeof (tokens as Partial<TokenResponse> | undefined)?.access_token !== 'string') {
    throw new ConfigurationError(
      'express.send_tokens',
      'sendTokens(res, tokens) wants the answer of server.grants.issue or server.tokens.refresh: was await forgotten?',
    )
  }
  writeResponse(res, jsonResponse(200, tokens))
}
