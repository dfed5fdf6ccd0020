import { isReservedClaim } from '@oauth-ratchet/core'
import type { Auth } from '@oauth-ratchet/core'

/** What an access token stands for, from the claims of a JWT or from an introspection response: they have the same names. */
export function authOfMembers(token: string, members: Readonly<Record<string, unknown>>): Auth {
  const { acr, amr, aud, auth_time, client_id, exp, iat, scope, sub } = members
  const clientId = String(client_id)
  const grantId = grantIdOf(members)
  // Without a user a token speaks for the client itself (RFC 9068 §2.2).
  const hasUser = typeof sub === 'string' && (grantId !== undefined || sub !== clientId)
  return {
    token,
    clientId,
    ...(hasUser && { subject: sub }),
    ...(grantId !== undefined && { grantId }),
    scope: typeof scope === 'string' ? scope.split(' ').filter((value) => value !== '') : [],
    claims: claimsOf(members),
    audience: [aud ?? []].flat().map(String),
    issuedAt: Number(iat) * 1000,
    expiresAt: Number(exp) * 1000,
    ...(typeof auth_time === 'number' && { authTime: auth_time }),
    ...(typeof acr === 'string' && { acr }),
    ...(Array.isArray(amr) && { amr: amr.map(String) }),
  }
}

// Lists and objects are copied: an introspection response is remembered, and what a handler does to its claims must not be
// in those of the next request.
function claimsOf(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(members).filter(([name]) => !isReservedClaim(name))
  return Object.fromEntries(
    own.map(([name, value]) => [name, typeof value === 'object' ? structuredClone(value) : value]),
  )
}

/** The `jti` of our JWTs is id, grant and proof. */
function grantIdOf({ grant_id, jti }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof grant_id === 'string') return grant_id
  return /^[\w-]{22}\.([\w-]{22})\.[\w-]+$/.exec(String(jti))?.[1]
}
