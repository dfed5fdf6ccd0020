import { secondsOf } from '../grant-issuer.js'
import type { SignIn } from '../grants.js'
import { openJson, sealJson } from '../ratchet/token-codec.js'
import type { ServerParts } from '../server-parts.js'
import type { PendingAuthorization } from './authorization-request.js'

/**
 * Carries through the sign-in when it was asked for, so that coming back from it is told from asking again, and a
 * session from before does not pass for it. Tagged, so that only this server can say so.
 */
export const reauthenticateParameter = 'ratchet_reauthenticate'

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
  const authTime = secondsOf(signIn.authTime)
  const now = Math.floor(parts.settings.now() / 1000)
  const notBefore = Math.max(
    pending.maxAge === undefined ? 0 : now - pending.maxAge,
    pending.prompt.includes('login') ? (pending.reauthenticateSince ?? now) : 0,
  )
  return notBefore === 0 || (authTime !== undefined && authTime >= notBefore)
}

export function sealReauthentication(parts: ServerParts, clientId: string): string {
  return sealJson(parts.ring, 'reauthentication', [clientId, Math.floor(parts.settings.now() / 1000)])
}

export function openReauthentication(
  parts: ServerParts,
  sealed: string | undefined,
  clientId: string,
): number | undefined {
  if (sealed === undefined || sealed.length > 512) return undefined
  const opened = openJson(parts.ring, 'reauthentication', sealed)
  if (opened.status !== 'genuine') return undefined
  const [forClient, since] = opened.token as [string, number]
  return forClient === clientId ? since : undefined
}

/** The request as the client sent it. */
export function withoutReauthentication(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith(`${reauthenticateParameter}=`))
    .join('&')
}
