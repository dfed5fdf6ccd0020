import type { AuthorizationServer, RefreshTokenCookies } from '@oauth-ratchet/core'

const none: RefreshTokenCookies = () => undefined
const known = new WeakMap<AuthorizationServer, RefreshTokenCookies>()

/** Remembers what a router of the server was given, for `sendTokens`. A router without the option changes nothing. */
export function rememberCookies(server: AuthorizationServer, cookies: RefreshTokenCookies | undefined): void {
  if (cookies !== undefined || !known.has(server)) known.set(server, cookies ?? none)
}

/** Undefined while the server has no router. */
export function cookiesOfServer(server: AuthorizationServer): RefreshTokenCookies | undefined {
  return known.get(server)
}
