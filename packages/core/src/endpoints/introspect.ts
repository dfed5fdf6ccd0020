import { basicChallenge } from '../clients/authentication.js'
import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import { errorResponse } from '../http/error-response.js'
import { header, json } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import { Origin } from '../http/origin.js'
import { readForm } from '../http/parameters.js'
import type { Parameters } from '../http/parameters.js'
import type { ServerParts } from '../server-parts.js'
import { introspectAccessToken, introspectRefreshToken, isRefreshToken } from '../token-introspection.js'
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
    const mayAsk = (clientId: string) => client.id === clientId || client.mayIntrospect === 'any'
    const answer = isRefreshToken(token)
      ? await introspectRefreshToken(parts, client, token, origin)
      : await introspectAccessToken(parts, token, mayAsk, origin)
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
  } catch {
    // The endpoint reads the form again, and answers what is wrong with it.
    return undefined
  }
  const headers = { 'www-authenticate': basicChallenge(parts.settings.issuer) }
  return new OAuthError('invalid_client', 'Client authentication is missing.', { status: 401, headers })
}
