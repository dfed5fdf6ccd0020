import { secondsOf } from '../../grants/auth-time.js'
import type { SignIn } from '../../options/sign-in.js'
import { openJson, sealJson } from '../../ratchet/token-codec.js'
import type { ServerParts } from '../../server-parts.js'
import type { PendingAuthorization } from './pending-authorization.js'

/**
 * Carries through the sign-in when it was asked for, so that coming back from it is not taken for asking again, and a
 * session from before does not pass for it. Tagged, so that only this server can say so.
 */
export const reauthenticateParameter = 'ratchet_reauthenticate'

/** In the mark's place: the user wants to sign in as somebody else. Anybody may ask, as anybody may for `prompt=login`. */
export const switchAccountMark = 'ask'

/** How long signing in may take. A link kept for longer asks for a new sign-in. */
const markLifetimeMs = 30 * 60_000

/** No mark is longer: a client_id has 255 characters at most, and JSON writes some of them as two. */
const longestMark = 1024

/**
 * Whether the user must sign in anew before `signIn` is even asked: they want to be somebody else, or `prompt=login`,
 * and not done yet.
 */
export function asksForLogin(pending: PendingAuthorization): boolean {
  if (pending.switchesAccount) return true
  return pending.prompt.includes('login') && pending.reauthenticateSince === undefined
}

/**
 * Whether a sign-in is recent enough for `max_age` and `prompt=login`. One whose time is unknown is not.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export function isRecentEnough(pending: PendingAuthorization, signIn: SignIn): boolean {
  if (pending.maxAge === undefined && !pending.prompt.includes('login')) return true
  const authTime = secondsOf(signIn.authTime)
  const oldest = oldestAuthTime(pending)
  return authTime !== undefined && oldest !== undefined && authTime >= oldest
}

/**
 * Seconds since the epoch: the oldest sign-in that satisfies `max_age` and `prompt=login`. Undefined where none does
 * yet (`prompt=login` before the user was sent to sign in), and where none is asked for.
 */
export function oldestAuthTime(pending: PendingAuthorization): number | undefined {
  const { maxAge, prompt, reauthenticateSince, receivedAt } = pending
  const byAge = maxAge === undefined || prompt.includes('login') ? undefined : receivedAt - maxAge
  if (byAge === undefined || reauthenticateSince === undefined) return byAge ?? reauthenticateSince
  // Whoever has signed in since being sent to do so has done what was asked, however long the way back took.
  return Math.min(byAge, reauthenticateSince)
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
