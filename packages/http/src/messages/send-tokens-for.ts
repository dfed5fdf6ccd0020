import { jsonResponse, tokensWithCookie } from '@oauth-ratchet/core'
import type { AuthorizationServer, RefreshTokenCookie, TokenResponse } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkServer } from '../caller/check-server.js'
import { cookiesOfServer } from '../refresh-token-cookie/cookies-of-server.js'
import { writeResponse } from './write-response.js'

/** Whose tokens they are. */
export interface SendTokensOptions {
  readonly server: AuthorizationServer
  readonly clientId: string
}

/**
 * Sends a token response: `sendTokens` of the caller's.
 *
 * @throws ConfigurationError `send_tokens`, `server`, with the beginning of the caller's codes
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function sendTokensFor(
  caller: Caller,
  res: ServerResponse,
  tokens: TokenResponse,
  options?: SendTokensOptions,
): void {
  // Without types a forgotten `await` is a promise, which JSON writes as `{}`.
  if (typeof (tokens as Partial<TokenResponse> | undefined)?.access_token !== 'string') {
    throw misuse(
      caller,
      'send_tokens',
      'sendTokens(res, tokens) wants the answer of server.grants.issue or server.tokens.refresh: was await forgotten?',
    )
  }
  const cookie = options && cookieFor(caller, options)
  writeResponse(res, cookie === undefined ? jsonResponse(200, tokens) : tokensWithCookie(tokens, cookie))
}

function cookieFor(caller: Caller, { server, clientId }: SendTokensOptions): RefreshTokenCookie | undefined {
  checkServer(caller, 'sendTokens', server)
  if (typeof clientId !== 'string') {
    throw misuse(caller, 'send_tokens', 'sendTokens: clientId is missing in the options.')
  }
  const cookies = cookiesOfServer(server)
  // The body would be the wrong place to guess: a script could read the token there.
  if (cookies === undefined) {
    throw misuse(
      caller,
      'send_tokens',
      `sendTokens: there is no ${caller.maker} of this server yet, whose refreshTokenCookie says where the refresh token goes.`,
    )
  }
  return cookies(clientId)
}
