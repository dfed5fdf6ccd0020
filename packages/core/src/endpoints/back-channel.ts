import type { ServedClients } from '../clients/authentication.js'
import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import { errorResponse } from '../http/error-response.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import { Origin } from '../http/origin.js'
import { readForm } from '../http/parameters.js'
import type { Parameters } from '../http/parameters.js'
import type { ServerParts } from '../server-parts.js'
import { corsFor } from './cors.js'
import type { CorsPolicy } from './cors.js'
import { instrumented } from './instrumented.js'
import type { Finding } from './instrumented.js'
import type { RefreshTokenCookies } from './refresh-token-cookie.js'

/** Options of an endpoint call. */
export interface EndpointOptions {
  /** CORS of token and revoke. Default `own`. */
  readonly cors?: CorsPolicy
  /** The cookies of the clients that `useCookieFor` was called with. Default: none. Not with `cors: '*'`. */
  readonly refreshTokenCookies?: RefreshTokenCookies | undefined
}

/**
 * What token, revocation and introspection have in common: POST with a form, a client that authenticates, a JSON
 * answer that no cache keeps, errors of RFC 6749 §5.2.
 *
 * @param cors whether pages may read the answer; undefined: never
 * @param served which clients are served; others are `invalid_client`
 * @param assertOpen throws where nobody is served now, before anything is read or anybody is authenticated
 */
export function backChannel(
  parts: ServerParts,
  endpoint: 'token' | 'revoke' | 'introspect',
  request: EndpointRequest,
  cors: CorsPolicy | undefined,
  work: Work,
  served: ServedClients = 'any',
  assertOpen?: () => void,
): Promise<EndpointResponse> {
  const call = { request, cors, work, served, assertOpen, origin: new Origin(request), finding: {} }
  // No async function around it: this runs on every refresh.
  if (!parts.instruments.active) return answer(parts, call)
  return instrumented(parts, endpoint, call.origin, call.finding, () => answer(parts, call))
}

/** What an endpoint does for a client that has authenticated. */
export type Work = (client: Client, parameters: Parameters, origin: Origin) => Promise<EndpointResponse>

interface Call {
  readonly request: EndpointRequest
  readonly cors: CorsPolicy | undefined
  readonly work: Work
  readonly served: ServedClients
  readonly assertOpen: (() => void) | undefined
  readonly origin: Origin
  readonly finding: Finding
}

async function answer(parts: ServerParts, call: Call): Promise<EndpointResponse> {
  const { request, cors, origin, finding } = call
  let response: EndpointResponse
  try {
    assertPost(request)
    call.assertOpen?.()
    const parameters = readForm(request)
    finding.parameters = parameters
    finding.client = await parts.authentication.authenticate(request, parameters, origin, call.served)
    response = await call.work(finding.client, parameters, origin)
  } catch (error) {
    response = errorResponse(parts.events, error, origin)
  }
  if (cors === undefined || request.headers['origin'] === undefined) return response
  const headers = corsFor(request, cors, { ok: response.status < 400, client: finding.client })
  return { ...response, headers: { ...response.headers, ...headers } }
}

function assertPost(request: EndpointRequest): void {
  if (request.method === 'POST') return
  throw new OAuthError('invalid_request', 'Use POST (RFC 6749 section 3.2).', {
    status: 405,
    headers: { allow: 'POST' },
  })
}
