import { ConfigurationError, isLoopbackHost } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { checkOptionNames } from '../check-server.js'
import type { RefreshTokenCookieOptions } from './refresh-token-cookie-options.js'

interface CookieSettings {
  readonly path: string
  readonly sameSite: 'strict' | 'lax' | 'none'
  readonly secure: boolean
}

/** @throws ConfigurationError `express.refresh_token_cookie`, `refreshTokenCookie.clients`, `express.options`, `express.unknown_option` */
export function checkCookieOptions(
  server: AuthorizationServer,
  options: RefreshTokenCookieOptions,
): CookieSettings {
  checkOptionNames('refreshTokenCookie', options, ['clients', 'path', 'sameSite'])
  const { clients, sameSite = 'strict' } = options
  if (!isListOfNames(clients)) throw wrong('clients must be a list of one or more client_ids.')
  const issuer = new URL(server.settings.issuer)
  const secure = issuer.protocol === 'https:'
  if (!secure && !isLoopbackHost(issuer.hostname)) {
    throw wrong('the issuer must be https; http is for loopback addresses, in development.')
  }
  if (sameSite !== 'strict' && sameSite !== 'lax' && sameSite !== 'none') {
    throw wrong("sameSite must be 'strict', 'lax' or 'none'.")
  }
  if (sameSite === 'none' && !secure) {
    throw wrong("sameSite 'none' needs an https issuer: browsers take no such cookie without Secure.")
  }
  const endpoints = new URL(server.settings.endpointUrl('token')).pathname.replace(/\/token$/, '')
  const path: unknown = options.path ?? (endpoints === '' ? '/' : endpoints)
  if (typeof path !== 'string' || !/^\/[\x21-\x3a\x3c-\x7e]*$/.test(path)) {
    throw wrong('path must begin with / and have no spaces or semicolons.')
  }
  if (!`${endpoints}/`.startsWith(path.endsWith('/') ? path : `${path}/`)) {
    throw wrong(`path is ${path}, where requests to ${endpoints}/token would not carry the cookie.`)
  }
  // Last: it takes effect.
  server.endpoints.useCookieFor(clients)
  return { path, sameSite, secure }
}

function isListOfNames(list: unknown): list is readonly string[] {
  return Array.isArray(list) && list.length > 0 && list.every((id) => typeof id === 'string' && id !== '')
}

function wrong(problem: string): ConfigurationError {
  return new ConfigurationError('express.refresh_token_cookie', `oauthRouter, refreshTokenCookie: ${problem}`)
}
