import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Storage } from '@oauth-ratchet/core'
import cookieSession from 'cookie-session'
import type { Request, RequestHandler } from 'express'

/** Seconds after which a browser must sign in again. */
const lifetime = 8 * 3600

/** What the signed cookie holds. Its owner can read it, so nothing in it is a secret from them. */
interface SessionData {
  csrf?: string
  /** Of the sign-in. Grants are tied to it, so that signing out ends them. */
  id?: string
  subject?: string
  /** Seconds since the epoch. */
  authTime?: number
  /** Client and scope of what was consented to, the oldest first. */
  consents?: [clientId: string, scope: string][]
  attempt?: Attempt
}

export interface SignedIn {
  readonly id: string
  readonly subject: string
  readonly authTime: number
}

/** An authorization that the example's own page has begun. */
export interface Attempt {
  readonly state: string
  readonly verifier: string
}

/** Sessions in a signed cookie, so that a restart and a second process know them too. */
export function browserSessions(issuer: string, secrets: readonly string[]): RequestHandler {
  const secure = issuer.startsWith('https:')
  const sessions = cookieSession({
    // The prefix keeps other hosts of the domain from planting a cookie. It needs https.
    name: secure ? '__Host-ratchet-example' : 'ratchet-example',
    keys: secrets.map(deriveKey),
    maxAge: lifetime * 1000,
    httpOnly: true,
    sameSite: 'lax',
    secure,
  })
  if (!secure) return sessions
  return (req, res, next) => {
    // The issuer says how browsers reach this server, whatever the last hop speaks; cookie-session asks the request,
    // and would quietly send no cookie.
    Object.defineProperty(req, 'protocol', { value: 'https', configurable: true })
    return sessions(req, res, next)
  }
}

/**
 * Who signed in in this browser, as its cookie has it, unless that was too long ago. The session may have been ended:
 * {@link EndedSessions.liveSessionIn} asks that too.
 */
export function sessionIn(req: Request, now: number): SignedIn | undefined {
  const { id, subject, authTime } = data(req)
  if (id === undefined || subject === undefined || authTime === undefined) return undefined
  return authTime + lifetime > now / 1000 ? { id, subject, authTime } : undefined
}

/**
 * Begins a session anew: nothing planted in the cookie before survives. The same user signing in again keeps the id,
 * so that signing out still ends the grants from before, and the consents.
 *
 * @param live the session that this browser is in; none where it has ended, whose id would be refused for ever
 */
export function signIn(req: Request, subject: string, live: SignedIn | undefined, now: number): void {
  const before = data(req)
  const same = live?.subject === subject
  req.session = {
    csrf: randomId(),
    id: same ? live.id : randomId(),
    subject,
    authTime: Math.floor(now / 1000),
    ...(same && before.consents !== undefined && { consents: before.consents }),
    ...(before.attempt !== undefined && { attempt: before.attempt }),
  } satisfies SessionData
}

export function signOut(req: Request): void {
  req.session = null
}

/** What a form must bring back to have come from a page that this browser was given. */
export function formToken(req: Request): string {
  const session = data(req)
  session.csrf ??= randomId()
  return session.csrf
}

/**
 * Whether a form was sent from one of our pages in this browser: the browser says so itself (Fetch Metadata), or the form
 * has the cookie's token. Of two tabs on a first visit only the one that was loaded last has that.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function isOwnForm(req: Request, presented: string): boolean {
  if (req.get('sec-fetch-site') === 'same-origin') return true
  const { csrf } = data(req)
  return csrf !== undefined && timingSafeEqual(digest(csrf), digest(presented))
}

/** Whether the user has consented to all of this for the client before, in this session. */
export function hasConsented(req: Request, clientId: string, scope: readonly string[]): boolean {
  const known = data(req).consents?.find(([id]) => id === clientId)
  if (known === undefined) return false
  const consented = known[1].split(' ')
  return scope.every((value) => consented.includes(value))
}

export function rememberConsent(req: Request, clientId: string, scope: readonly string[]): void {
  const session = data(req)
  const all = session.consents ?? []
  const before = all.find(([id]) => id === clientId)?.[1].split(' ') ?? []
  const consents = all.filter(([id]) => id !== clientId)
  consents.push([clientId, [...new Set([...before, ...scope])].join(' ')])
  // A cookie holds 4 kB; what is forgotten is asked again.
  while (JSON.stringify(consents).length > 1500) consents.shift()
  session.consents = consents
}

export function beginAttempt(req: Request): Attempt {
  const attempt = { state: randomId(), verifier: randomBytes(32).toString('base64url') }
  data(req).attempt = attempt
  return attempt
}

export function attemptOf(req: Request, state: string | undefined): Attempt | undefined {
  const { attempt } = data(req)
  return attempt !== undefined && attempt.state === state ? attempt : undefined
}

/**
 * Sessions that were signed out of, until their cookie would have expired anyway: a copy of the cookie must not be
 * good for anything. Kept in the storage, so that every process knows.
 */
export class EndedSessions {
  readonly #storage: Storage
  readonly #now: () => number

  constructor(storage: Storage, now: () => number) {
    this.#storage = storage
    this.#now = now
  }

  async end(id: string): Promise<void> {
    const now = this.#now()
    await this.#storage.values.mark(keyOf(id), id, now + lifetime * 1000, now)
  }

  /** Who is signed in in this browser: undefined also where that session has been signed out of. */
  async liveSessionIn(req: Request): Promise<SignedIn | undefined> {
    const now = this.#now()
    const session = sessionIn(req, now)
    if (session === undefined || (await this.#storage.values.isMarked(keyOf(session.id), now)))
      return undefined
    return session
  }
}

function keyOf(id: string): string {
  return `example-server:ended-session:${digest(id).toString('base64url')}`
}

function data(req: Request): SessionData {
  return (req.session ?? {}) as SessionData
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function randomId(): string {
  return randomBytes(16).toString('base64url')
}

function deriveKey(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'example server: cookie session', 32)).toString('base64')
}
