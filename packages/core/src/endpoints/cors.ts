import type { Client } from '../clients/client.js'
import { isOwnOrigin } from '../clients/redirect-uri.js'
import { OAuthError } from '../faults/errors.js'
import { header } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'

/**
 * `own` (default): a success can be read by pages of the client's own origins. `*`: by any page. Both with credentials:
 * with a refresh token in a cookie `own` needs them, and `*`, which would let any page act for whoever is signed in, is refused.
 */
export type CorsPolicy = 'own' | '*'

// `Date` lets a client learn how far its clock is off.
const exposed = 'DPoP-Nonce, WWW-Authenticate, Retry-After, Date'
const allowedHeaders = 'Content-Type, Authorization, DPoP, Idempotency-Key, MCP-Protocol-Version'
export const allowCredentials = { 'access-control-allow-credentials': 'true' } as const

/**
 * Answer to a preflight. It names no client, so that every origin is allowed, with credentials; the answer to the request
 * itself decides. The headers asked for are allowed, as none but those named here is read: tracing and HTTP libraries
 * add their own to every request.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function preflight(methods: string, request: Pick<EndpointRequest, 'headers'>): EndpointResponse {
  const origin = header(request, 'origin')
  return {
    status: 204,
    headers: {
      vary: 'Origin, Access-Control-Request-Headers',
      'access-control-allow-origin': origin ?? '*',
      ...(origin !== undefined && allowCredentials),
      'access-control-allow-methods': methods,
      'access-control-allow-headers':
        requestedHeaders(header(request, 'access-control-request-headers')) ?? allowedHeaders,
      'access-control-max-age': '7200',
      'cache-control': 'no-store',
    },
    body: '',
  }
}

/** The list of header names as it was asked for; undefined for one that is empty, malformed or longer than 1 kB. */
function requestedHeaders(list: string | undefined): string | undefined {
  if (list === undefined || list.length > 1024) return undefined
  return list.split(',').every((name) => fieldName.test(name.trim())) ? list : undefined
}

/** A token of RFC 9110 §5.6.2. */
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/

/** Headers for what is public: metadata and keys. */
export const publicCors = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': exposed,
} as const

/** Headers for an error, which has nothing secret in it and may be read by the page that caused it. */
export function errorCors(origin: string): Record<string, string> {
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposed,
  }
}

/**
 * Headers for an answer of token or revoke: an error has nothing secret in it and may be read by the page that
 * caused it; a success only by pages of the client's own origins, and never by the origin `null`, which any
 * sandboxed page can have. Pages that may read successes may send credentials too, which change nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-10
 */
export function corsFor(
  request: EndpointRequest,
  policy: CorsPolicy,
  outcome: { readonly ok: boolean; readonly client: Client | undefined },
): Record<string, string> {
  const origin = header(request, 'origin')
  if (origin === undefined) return {}
  const readable = mayRead(origin, policy, outcome.client)
  if (outcome.ok && !readable) return { vary: 'Origin' }
  return { ...errorCors(origin), ...(readable && allowCredentials) }
}

/**
 * Refuses a request whose success the browser would hide from the page that sent it: a form post needs no preflight, so
 * that the server would act, and the page would only see that something failed. Its retry would then be a replay.
 *
 * Only what the browser says itself counts (`Sec-Fetch-Site`, which no script can set), and only of web pages: an
 * extension and an app shell read answers without CORS, and a page behind a proxy that forwards its `Origin` is
 * `same-origin`.
 *
 * @throws OAuthError `invalid_request` with status 403, readable by the page in every credentials mode
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function assertReadable(request: EndpointRequest, policy: CorsPolicy, client: Client): void {
  const site = header(request, 'sec-fetch-site')
  if (site !== 'same-site' && site !== 'cross-site') return
  const origin = header(request, 'origin')
  if (origin === undefined || !/^https?:\/\//.test(origin) || mayRead(origin, policy, client)) return
  throw new OAuthError(
    'invalid_request',
    'The origin of this page is not one of the client, so the browser would hide the answer from it. Nothing was done. ' +
      "Name the origin in the client's allowed_origins.",
    { status: 403, headers: allowCredentials },
  )
}

function mayRead(origin: string, policy: CorsPolicy, client: Client | undefined): boolean {
  return policy === '*' || (client !== undefined && isOwnOrigin(origin, client.origins))
}
