import { isLoopbackHost } from '@oauth-ratchet/core'
import type { AuthorizationServer, ConfigurationError } from '@oauth-ratchet/core'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkOptionNames } from '../caller/check-option-names.js'
import type { RefreshTokenCookieOptions } from './refresh-token-cookie-options.js'

interface CookieSettings {
  readonly path: string
  readonly sameSite: 'strict' | 'lax' | 'none'
  readonly secure: boolean
}

/**
 * @throws ConfigurationError `refresh_token_cookie`, `options`, `unknown_option`, with the beginning of the caller's codes;
 *   `refreshTokenCookie.clients`
 */
export function checkCookieOptions(
  caller: Caller,
  server: AuthorizationServer,
  options: RefreshTokenCookieOptions,
): CookieSettings {
  checkOptionNames(caller, 'refreshTokenCookie', options, ['clients', 'path', 'sameSite'])
  const { clients, sameSite = 'strict' } = options
  if (!isListOfNames(clients)) throw wrong(caller, 'clients must be a list of one or more client_ids.')
  const issuer = new URL(server.settings.issuer)
  const secure = issuer.protocol === 'https:'
  if (!secure && !isLoopbackHost(issuer.hostname)) {
    throw wrong(caller, 'the issuer must be https; http is for loopback addresses, in development.')
  }
  if (sameSite !== 'strict' && sameSite !== 'lax' && sameSite !== 'none') {
    throw wrong(caller, "sameSite must be 'strict', 'lax' or 'none'.")
  }
  if (sameSite === 'none' && !secure) {
    throw wrong(caller, "sameSite 'none' needs an https issuer: browsers take no such cookie without Secure.")
  }
  const endpoints = new URL(server.settings.endpointUrl('token')).pathname.replace(/\/token$/, '')
  const path: unknown = options.path ?? (endpoints === '' ? '/' : endpoints)
  if (typeof path !== 'string' || !/^\/[\x21-\x3a\x3c-\x7e]*$/.test(path)) {
    throw wrong(caller, 'path must begin with / and have no spaces or semicolons.')
  }
  if (!`${endpoints}/`.startsWith(path.endsWith('/') ? path : `${path}/`)) {
    throw wrong(caller, `path is ${path}, where requests to ${endpoints}/token would not carry the cookie.`)
  }
  // Last: it takes effect.
  server.endpoints.useCookieFor(clients)
  return { path, sameSite, secure }
}

function isListOfNames(list: unknown): list is readonly string[] {
  return Array.isArray(list) && list.length > 0 && list.every((id) => typeof id === 'string' && id !== '')
}

function wrong(caller: Caller, problem: string): ConfigurationError {
  return misuse(caller, 'refresh_token_cookie', `${caller.maker}, refreshTokenCookie: ${problem}`)
}
