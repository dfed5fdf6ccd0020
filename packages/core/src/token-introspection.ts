import type { ActiveAccessToken } from './access-tokens/access-tokens.js'
import { jtiOf } from './access-tokens/jwt.js'
import type { Client } from './clients/client.js'
import { limitsOf } from './grants/token-response.js'
import type { Origin } from './http/origin.js'
import { unsealFacts } from './ratchet/sealing.js'
import type { Facts } from './ratchet/sealing.js'
import { prefixOf } from './ratchet/token-codec.js'
import type { ServerParts } from './server-parts.js'
import type { GrantRecord } from './storage/storage.js'

/**
 * What a good token stands for, in the names of the introspection response. Times are seconds since the epoch.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2.2
 */
export interface Introspection {
  readonly active: boolean
  readonly [member: string]: unknown
}

export function isRefreshToken(text: string): boolean {
  return text.startsWith(prefixOf.refresh_token)
}

/** What is said of any token, asked for by the app itself; undefined where it is inactive. */
export async function introspectAny(
  parts: ServerParts,
  text: string,
  origin: Origin,
): Promise<Introspection | undefined> {
  if (!isRefreshToken(text)) return introspectAccessToken(parts, text, () => true, origin)
  const token = parts.ratchet.open('refresh_token', text, origin)
  const grant = token && (await parts.storage.grants.find(token.grantId))
  const client = grant && (await parts.clients.find(grant.clientId))
  return client && introspectRefreshToken(parts, client, text, origin)
}

/**
 * What is said of an access token; undefined where it is inactive.
 *
 * @param mayAsk whether who asks may learn of this client's tokens
 */
export async function introspectAccessToken(
  parts: ServerParts,
  text: string,
  mayAsk: (clientId: string) => boolean,
  origin: Origin,
): Promise<Introspection | undefined> {
  const opened = await parts.accessTokens.open(text, origin)
  if (opened === undefined) return undefined
  // Before anything is looked up: of a token that it may not ask about, a client learns nothing by the time either.
  if (!mayAsk(opened.clientId)) return undefined
  const active = await parts.accessTokens.checkOpened(opened)
  if (active === undefined) return undefined
  const { token, grant, facts } = active
  const claims =
    grant !== undefined && facts !== undefined ? await parts.accessTokens.claimsFor(grant, facts) : {}
  return {
    ...claims,
    active: true,
    iss: parts.settings.issuer,
    client_id: token.clientId,
    sub: subjectOf(active),
    token_type: 'Bearer',
    aud: token.audience.length === 1 ? token.audience[0] : token.audience,
    iat: token.issuedAt,
    exp: token.expiresAt,
    // Of a JWT the claim that it has (RFC 7662 §2.2).
    jti: token.details === undefined ? token.id : jtiOf(token),
    // Ours: what a resource server cannot see from an opaque token.
    ...(token.grantId !== undefined && { grant_id: token.grantId }),
    ...scopeMember(token.scope),
    ...signInMembers(facts),
  }
}

/** What is said of a refresh token of this client; undefined where it is inactive. */
export async function introspectRefreshToken(
  parts: ServerParts,
  client: Client,
  text: string,
  origin: Origin,
): Promise<Introspection | undefined> {
  if (!client.grantTypes.has('refresh_token')) return undefined
  const token = parts.ratchet.open('refresh_token', text, origin)
  if (token === undefined) return undefined
  const { verdict, grant } = await parts.ratchet.inspect(token, {
    clientId: client.id,
    clientNotBefore: client.notBefore,
    limits: client.limits,
    origin,
  })
  // Of a spent one (`repeated`, `reused`) it says inactive, and does nothing more: asking is not presenting.
  if (verdict !== 'turned' || grant === undefined) return undefined
  const facts = unsealFacts(parts.ring, grant)
  return facts === undefined ? undefined : describeRefreshToken(parts, grant, facts)
}

function describeRefreshToken(parts: ServerParts, grant: GrantRecord, facts: Facts): Introspection {
  const { refresh_token_expires_in: _, ...limits } = limitsOf(grant, parts.settings.now())
  return {
    active: true,
    iss: parts.settings.issuer,
    client_id: grant.clientId,
    sub: facts.subject,
    iat: Math.floor(grant.turnedAt / 1000),
    exp: Math.floor(grant.expiresAt / 1000),
    ...scopeMember(facts.scope),
    ...signInMembers(facts),
    ...limits,
  }
}

/** As in a JWT access token: where no user is involved, the client stands for itself (RFC 9068 §2.2). */
function subjectOf({ token, facts }: ActiveAccessToken): string {
  return facts?.subject ?? token.clientId
}

function scopeMember(scope: string): { scope?: string } {
  return scope === '' ? {} : { scope }
}

function signInMembers(facts: Facts | undefined): object {
  return {
    ...(facts?.authTime !== undefined && { auth_time: facts.authTime }),
    ...(facts?.acr !== undefined && { acr: facts.acr }),
    ...(facts?.amr !== undefined && { amr: facts.amr }),
  }
}
