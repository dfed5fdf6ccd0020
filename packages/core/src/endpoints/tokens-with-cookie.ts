import type { TokenResponse } from '../grants/token-response.js'
import { json } from '../http/message.js'
import type { EndpointResponse } from '../http/message.js'
import type { RefreshTokenCookie } from './refresh-token-cookie.js'

/**
 * A token response whose refresh token is in the cookie and not in the body. An answer without one clears the cookie:
 * the token of an earlier sign-in, maybe another user's, must not refresh this one.
 */
export function tokensWithCookie(
  { refresh_token: refreshToken, ...tokens }: TokenResponse,
  cookie: RefreshTokenCookie,
): EndpointResponse {
  const setCookie =
    refreshToken === undefined ? cookie.clear() : cookie.set(refreshToken, tokens.refresh_token_expires_in)
  return json(200, tokens, { 'set-cookie': setCookie })
}
