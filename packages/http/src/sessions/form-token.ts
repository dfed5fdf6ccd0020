import type { AuthorizationServer } from '@oauth-ratchet/core'
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readCookie } from '../refresh-token-cookie/read-cookie.js'

/** The hidden field of the forms. */
export const formTokenField = 'form_token'

/**
 * What the forms of this browser and user must bring back: made from a random cookie of the browser's own, which it gets
 * here if it has none. All tabs share it, and it goes when the browser is closed.
 */
export function giveFormToken(
  server: AuthorizationServer,
  req: IncomingMessage,
  res: ServerResponse,
  subject: string,
): string {
  let value = cookieOf(server, req)
  if (value === undefined) {
    value = randomBytes(32).toString('base64url')
    const secure = isSecure(server) ? '; Secure' : ''
    res.appendHeader('set-cookie', `${nameOf(server)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`)
  }
  return tokenOf(value, subject)
}

/** Whether a form was made for this browser and this user. */
export function isOwnFormToken(
  server: AuthorizationServer,
  req: IncomingMessage,
  subject: string,
  presented: string,
): boolean {
  const value = cookieOf(server, req)
  if (value === undefined) return false
  const [wanted, given] = [Buffer.from(tokenOf(value, subject)), Buffer.from(presented)]
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

// Of the subject too: a form that was shown to one user is not the next one's of the same browser.
function tokenOf(value: string, subject: string): string {
  return createHash('sha256').update(`${value}\n${subject}`).digest('base64url')
}

function cookieOf(server: AuthorizationServer, req: IncomingMessage): string | undefined {
  const value = readCookie(req.headers.cookie, nameOf(server))
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
}

// With the prefix no other host of the domain can plant a value of its own. It needs https.
function nameOf(server: AuthorizationServer): string {
  return isSecure(server) ? '__Host-oauth-ratchet-sessions' : 'oauth-ratchet-sessions'
}

function isSecure(server: AuthorizationServer): boolean {
  return server.settings.issuer.startsWith('https:')
}
