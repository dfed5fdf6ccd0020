import type { AuthorizationServer, RefreshTokenCookie, RefreshTokenCookies } from '@oauth-ratchet/core'
import { createHash } from 'node:crypto'
import type { Caller } from '../caller/caller.js'
import { checkCookieOptions } from './check-cookie-options.js'
import { readCookie } from './read-cookie.js'
import type { RefreshTokenCookieOptions } from './refresh-token-cookie-options.js'

const sameSites = { strict: 'Strict', lax: 'Lax', none: 'None' } as const

/**
 * The cookies of the clients that the option names.
 *
 * @throws ConfigurationError as {@link checkCookieOptions}
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.1
 */
export function refreshTokenCookies(
  caller: Caller,
  server: AuthorizationServer,
  options: RefreshTokenCookieOptions,
): RefreshTokenCookies {
  const { path, sameSite, secure } = checkCookieOptions(caller, server, options)
  const attributes = `Path=${path}; HttpOnly${secure ? '; Secure' : ''}; SameSite=${sameSites[sameSite]}`
  const prefix = secure ? (path === '/' ? '__Host-' : '__Secure-') : ''
  const cookies = new Map(
    options.clients.map((clientId): [string, RefreshTokenCookie] => {
      const name = `${prefix}refresh-token-${nameOf(server.settings.issuer, clientId)}`
      return [
        clientId,
        {
          read: (request) => readCookie(request.headers['cookie'], name),
          set: (refreshToken, lifetimeSeconds) => {
            const maxAge = lifetimeSeconds === undefined ? '' : `Max-Age=${lifetimeSeconds}; `
            return `${name}=${refreshToken}; ${maxAge}${attributes}`
          },
          clear: () => `${name}=; Max-Age=0; ${attributes}`,
        },
      ]
    }),
  )
  return (clientId) => cookies.get(clientId)
}

// A client_id may have characters that a cookie's name may not, and all ports of a host share its cookies: the issuer
// keeps servers on one machine apart.
function nameOf(issuer: string, clientId: string): string {
  return createHash('sha256').update(`${issuer}\n${clientId}`).digest('base64url').slice(0, 16)
}
