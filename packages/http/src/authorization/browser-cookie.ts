import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHash, randomBytes } from 'node:crypto'

/** Consent forms of one browser that can wait at a time, in its tabs. The oldest goes when there is one more. */
const mostForms = 10

/** A form is good for ten minutes, and its cookie goes with it. */
const lifetimeSeconds = 600

/** A form's cookie stays for this time after its use, for a second click before the browser has left the page. */
const usedSeconds = 10

interface FormCookie {
  readonly name: string
  readonly value: string
  /** What the form has of it: it can be read by its page, so it has the hash. */
  readonly browser: string
  readonly issuedAt: number
}

/**
 * Gives the browser a cookie of its own for one consent form, so that forms in several tabs do not take one another's.
 * `takeBack` undoes it while nothing has been sent, for a form that is not shown.
 */
export function giveFormCookie(
  server: AuthorizationServer,
  req: IncomingMessage,
  res: ServerResponse,
): { readonly browser: string; readonly takeBack: () => void } {
  const issuedAt = Math.floor(server.settings.now() / 1000)
  const value = `${issuedAt.toString(36)}.${randomBytes(32).toString('base64url')}`
  const browser = hash(value)
  const waiting = cookiesOf(server, req).toSorted((a, b) => a.issuedAt - b.issuedAt)
  const surplus = waiting.slice(0, Math.max(0, waiting.length + 1 - mostForms))
  const headers = [
    cookieHeader(server, { name: nameOf(server, browser), value }, lifetimeSeconds),
    ...surplus.map(({ name }) => cookieHeader(server, { name, value: '' }, 0)),
  ]
  for (const header of headers) res.appendHeader('set-cookie', header)
  const takeBack = (): void => {
    if (res.headersSent) return
    const others = [res.getHeader('set-cookie') ?? []].flat().map(String)
    const kept = others.filter((header) => !headers.includes(header))
    if (kept.length === 0) res.removeHeader('set-cookie')
    else res.setHeader('set-cookie', kept)
  }
  return { browser, takeBack }
}

/** The browsers, as forms have them, that the cookies of this request prove. */
export function browsersOf(server: AuthorizationServer, req: IncomingMessage): string[] {
  return cookiesOf(server, req).map(({ browser }) => browser)
}

/** Lets go of the cookie of a form that has been used. */
export function retireFormCookie(
  server: AuthorizationServer,
  req: IncomingMessage,
  res: ServerResponse,
  browser: string,
): void {
  const cookie = cookiesOf(server, req).find((one) => one.browser === browser)
  if (cookie !== undefined && !res.headersSent)
    res.appendHeader('set-cookie', cookieHeader(server, cookie, usedSeconds))
}

function cookiesOf(server: AuthorizationServer, req: IncomingMessage): FormCookie[] {
  const cookies: FormCookie[] = []
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const [name = '', value = ''] = pair.trim().split('=', 2)
    const issued = /^([\da-z]{1,9})\.[\w-]{43}$/.exec(value)?.[1]
    if (issued === undefined || !name.startsWith(prefixOf(server))) continue
    const browser = hash(value)
    if (name === nameOf(server, browser))
      cookies.push({ name, value, browser, issuedAt: Number.parseInt(issued, 36) })
  }
  return cookies
}

function cookieHeader(
  server: AuthorizationServer,
  { name, value }: Pick<FormCookie, 'name' | 'value'>,
  maxAge: number,
): string {
  const secure = isSecure(server) ? '; Secure' : ''
  return `${name}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Lax${secure}`
}

function nameOf(server: AuthorizationServer, browser: string): string {
  return `${prefixOf(server)}${browser.slice(0, 16)}`
}

// The prefix keeps other hosts of the domain, and pages without https, from planting a cookie of theirs. It needs
// https, which loopback issuers for development do not have.
function prefixOf(server: AuthorizationServer): string {
  return isSecure(server) ? '__Host-oauth-ratchet-' : 'oauth-ratchet-'
}

function isSecure(server: AuthorizationServer): boolean {
  return server.settings.issuer.startsWith('https:')
}

function hash(value: string): string {
  return createHash('sha256').update(value).digest('base64url')
}
