import type { TokenResponse } from '../grants/token-response.js'
import { json } from '../http/message.js'
import type { EndpointResponse } from '../http/message.js'
import type { RefreshTokenCookie } from './refresh-token-cookie.js'

/**
 * A token response whose refresh token is in the cookie and not in the body. An answer without one clears the cookie:
 * the token of an earlier sign-in, maybe another user's, must not refresh this one.
 *
 * @param inBody puts it into the body too: for a refresh whose token came as the parameter, and not in the cookie
 */
export function tokensWithCookie(
  tokens: TokenResponse,
  cookie: RefreshTokenCookie,
  inBody = false,
): EndpointResponse {
  const { refresh_token: refreshToken, ...others } = tokens
  const setCookie =
    refreshToken === undefined ? cookie.clear() : cookie.set(refreshToken, tokens.refresh_token_expires_in)
  return json(200, inBody ? tokens : others, { 'set-cookie': setCookie })
}
