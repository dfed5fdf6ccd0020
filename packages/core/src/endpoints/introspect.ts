import type { ActiveAccessToken } from '../access-tokens/access-tokens.js'
import { jtiOf } from '../access-tokens/jwt.js'
import { basicChallenge } from '../clients/authentication.js'
import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import { limitsOf } from '../grants/token-response.js'
import { errorResponse } from '../http/error-response.js'
import { header, json } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import { Origin } from '../http/origin.js'
import { readForm } from '../http/parameters.js'
import type { Parameters } from '../http/parameters.js'
import { unsealFacts } from '../ratchet/sealing.js'
import type { Facts } from '../ratchet/sealing.js'
import { prefixOf } from '../ratchet/token-codec.js'
import type { ServerParts } from '../server-parts.js'
import type { GrantRecord } from '../storage/storage.js'
import { backChannel } from './back-channel.js'
import { instrumented } from './instrumented.js'

/**
 * The introspection endpoint: for resource servers, which need `may_introspect: 'any'`; other clients learn of
 * their own tokens only, and public clients of none: whoever copied a public client's refresh token could otherwise
 * ask when it is spent, without presenting it (ADR 10). Asking changes nothing, and moves no idle limit. Not for
 * pages: no CORS.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2
 */
export async function introspectEndpoint(
  parts: ServerParts,
  request: EndpointRequest,
): Promise<EndpointResponse> {
  const refusal = callerWithoutCredentials(parts, request)
  if (refusal !== undefined) {
    const origin = new Origin(request)
    return instrumented(parts, 'introspect', origin, {}, async () =>
      errorResponse(parts.events, refusal, origin),
    )
  }
  const work = async (client: Client, parameters: Parameters, origin: Origin) => {
    const token = parameters.get('token')
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing.')
    const answer = token.startsWith(prefixOf.refresh_token)
      ? await introspectRefreshToken(parts, client, token, origin)
      : await introspectAccessToken(parts, client, token, origin)
    return json(200, answer ?? { active: false })
  }
  return backChannel(parts, 'introspect', request, undefined, work, 'confidential')
}

// Who shows nothing at all is unauthorized, not malformed (RFC 7662 §2.1); and a bearer token authorizes nobody.
function callerWithoutCredentials(parts: ServerParts, request: EndpointRequest): OAuthError | undefined {
  if (request.method !== 'POST') return undefined
  const authorization = header(request, 'authorization')
  if (authorization !== undefined && /^bearer(\s|$)/i.test(authorization)) {
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
    return new OAuthError('invalid_token', 'Authenticate as a client; bearer tokens are not taken here.', {
      headers,
    })
  }
  if (authorization !== undefined) return undefined
  try {
    if (readForm(request).has('client_id')) return undefined
  } catch (error) {
    return error as OAuthError
  }
  const headers = { 'www-authenticate': basicChallenge(parts.settings.issuer) }
  return new OAuthError('invalid_client', 'Client authentication is missing.', { status: 401, headers })
}

async function introspectAccessToken(
  parts: ServerParts,
  client: Client,
  text: string,
  origin: Origin,
): Promise<object | undefined> {
  const opened = await parts.accessTokens.open(text, origin)
  if (opened === undefined) return undefined
  // Before anything is looked up: of a token that it may not ask about, a client learns nothing by the time either.
  if (client.id !== opened.clientId && client.mayIntrospect !== 'any') return undefined
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
    ...scopeMember(token.scope),
    ...signInMembers(facts),
  }
}

async function introspectRefreshToken(
  parts: ServerParts,
  client: Client,
  text: string,
  origin: Origin,
): Promise<object | undefined> {
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

function describeRefreshToken(parts: ServerParts, grant: GrantRecord, facts: Facts): object {
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
