import type OAuth2Server from '@node-oauth/oauth2-server'
import type { TokenResponse } from '@oauth-ratchet/core'

/** A token response as the library's token, with times as dates. */
export function libraryToken(
  response: TokenResponse,
  client: OAuth2Server.Client,
  user: OAuth2Server.User,
): OAuth2Server.Token {
  const { access_token, expires_in, refresh_token, refresh_token_expires_in, scope } = response
  return {
    accessToken: access_token,
    accessTokenExpiresAt: inSeconds(expires_in),
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(refresh_token_expires_in !== undefined && {
      refreshTokenExpiresAt: inSeconds(refresh_token_expires_in),
    }),
    ...(scope !== undefined && { scope: scope.split(' ') }),
    client,
    user,
  }
}

// By the machine's clock, which the library counts by.
function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000)
}
