import { ConfigurationError, jsonResponse, tokensWithCookie } from '@oauth-ratchet/core'
import type { AuthorizationServer, RefreshTokenCookie, TokenResponse } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import { checkServer } from './check-server.js'
import { cookiesOfServer } from './refresh-token-cookie/cookies-of-server.js'
import { writeResponse } from './write-response.js'

/** Whose tokens they are. */
export interface SendTokensOptions {
  readonly server: AuthorizationServer
  readonly clientId: string
}

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
  // Without types a forgotten `await` is a promise, which JSON writes as `{}`.
  if (typeof (tokens as Partial<TokenResponse> | undefined)?.access_token !== 'string') {
    throw new ConfigurationError(
      'express.send_tokens',
      'sendTokens(res, tokens) wants the answer of server.grants.issue or server.tokens.refresh: was await forgotten?',
    )
  }
  const cookie = options && cookieFor(options)
  writeResponse(res, cookie === undefined ? jsonResponse(200, tokens) : tokensWithCookie(tokens, cookie))
}

function cookieFor({ server, clientId }: SendTokensOptions): RefreshTokenCookie | undefined {
  checkServer('sendTokens', server)
  if (typeof clientId !== 'string') {
    throw new ConfigurationError('express.send_tokens', 'sendTokens: clientId is missing in the options.')
  }
  const cookies = cookiesOfServer(server)
  // The body would be the wrong place to guess: a script could read the token there.
  if (cookies === undefined) {
    throw new ConfigurationError(
      'express.send_tokens',
      'sendTokens: there is no oauthRouter of this server yet, whose refreshTokenCookie says where the refresh token goes.',
    )
  }
  return cookies(clientId)
}
