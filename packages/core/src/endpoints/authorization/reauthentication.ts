import { secondsOf } from '../../grants/sign-in-facts.js'
import type { SignIn } from '../../options/sign-in.js'
import { openJson, sealJson } from '../../ratchet/token-codec.js'
import type { ServerParts } from '../../server-parts.js'
import type { PendingAuthorization } from './pending-authorization.js'

/**
 * Carries through the sign-in when it was asked for, so that coming back from it is told from asking again, and a
 * session from before does not pass for it. Tagged, so that only this server can say so.
 */
export const reauthenticateParameter = 'ratchet_reauthenticate'

/** How long signing in may take. A link kept for longer asks for a new sign-in. */
const markLifetimeMs = 30 * 60_000

/** No mark is longer: a client_id has 255 characters at most, and JSON writes some of them as two. */
const longestMark = 1024

/** Whether the user must sign in anew before `signIn` is even asked: `prompt=login`, and not done yet. */
export function asksForLogin(pending: PendingAuthorization): boolean {
  return pending.prompt.includes('login') && pending.reauthenticateSince === undefined
}

/**
 * Whether a sign-in is recent enough for `max_age` and `prompt=login`. One whose time is unknown is not.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export function isRecentEnough(parts: ServerParts, pending: PendingAuthorization, signIn: SignIn): boolean {
  const { maxAge, reauthenticateSince: since } = pending
  if (maxAge === undefined && !pending.prompt.includes('login')) return true
  const authTime = secondsOf(signIn.authTime)
  if (authTime === undefined) return false
  // Whoever has signed in since being sent to do so has done what was asked, however long the way back took.
  if (since !== undefined && authTime >= since) return true
  const now = Math.floor(parts.settings.now() / 1000)
  return maxAge !== undefined && !pending.prompt.includes('login') && authTime >= now - maxAge
}

export function sealReauthentication(parts: ServerParts, clientId: string): string {
  return sealJson(parts.ring, 'reauthentication', [clientId, Math.floor(parts.settings.now() / 1000)])
}

export function openReauthentication(
  parts: ServerParts,
  sealed: string | undefined,
  clientId: string,
): number | undefined {
  if (sealed === undefined || sealed.length > longestMark) return undefined
  const opened = openJson(parts.ring, 'reauthentication', sealed)
  if (opened.status !== 'genuine') return undefined
  const [forClient, since] = opened.token as [string, number]
  const isFresh = parts.settings.now() - since * 1000 <= markLifetimeMs
  return forClient === clientId && isFresh ? since : undefined
}

/** The request as the client sent it. */
export function withoutReauthentication(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith(`${reauthenticateParameter}=`))
    .join('&')
}
