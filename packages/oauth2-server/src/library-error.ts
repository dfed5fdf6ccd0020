import OAuth2Server from '@node-oauth/oauth2-server'
import { isOAuthError } from '@oauth-ratchet/core'

/**
 * An error of ours as the library's own, which alone it answers with: the same code, status and description. `retryAfter` is on it
 * in seconds, where there is one.
 */
export function libraryError(error: unknown): unknown {
  if (!isOAuthError(error)) return error
  const { code: name, status: code, retryAfter, message } = error
  return new OAuth2Server.OAuthError(message, {
    name,
    code,
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
