import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { Request, Response } from 'express'
import { createHash, randomBytes } from 'node:crypto'

/**
 * The browser that a consent form is for, as the form has it; undefined when it shows no cookie of ours. The form can be
 * read by its page, so it has the cookie's hash.
 */
export function browserOf(server: AuthorizationServer, req: Request): string | undefined {
  const value = readCookie(req, nameFor(server))
  return value === undefined ? undefined : hash(value)
}

/** The same, giving the browser a cookie first where it has none. */
export function ensureBrowser(server: AuthorizationServer, req: Request, res: Response): string {
  const known = browserOf(server, req)
  if (known !== undefined) return known
  const value = randomBytes(32).toString('base64url')
  const secure = isSecure(server) ? '; Secure' : ''
  res.append('Set-Cookie', `${nameFor(server)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`)
  return hash(value)
}

// The prefix keeps other hosts of the domain, and pages without https, from planting a cookie of theirs. It needs
// https, which loopback issuers for development do not have.
function nameFor(server: AuthorizationServer): string {
  return isSecure(server) ? '__Host-oauth-ratchet' : 'oauth-ratchet'
}

function isSecure(server: AuthorizationServer): boolean {
  return server.settings.issuer.startsWith('https:')
}

function readCookie(req: Request, name: string): string | undefined {
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const text = pair.trim()
    if (text.startsWith(`${name}=`) && /^[\w-]{43}$/.test(text.slice(name.length + 1)))
      return text.slice(name.length + 1)
  }
  return undefined
}

function hash(value: string): string {
  return createHash('sha256').update(value).digest('base64url')
}
