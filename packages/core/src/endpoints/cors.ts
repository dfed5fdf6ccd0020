import type { Client } from '../clients/client.js'
import { isOwnOrigin } from '../clients/redirect-uri.js'
import { header } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'

/** `own` (default): a success can be read by pages of the client's own origins. `*`: by any page. */
export type CorsPolicy = 'own' | '*'

const exposed = 'DPoP-Nonce, WWW-Authenticate, Retry-After'
const allowedHeaders = 'Content-Type, Authorization, DPoP, Idempotency-Key, MCP-Protocol-Version'

/** Answer to a preflight, which names no client and so is allowed to all. Never with credentials. */
export function preflight(methods: string): EndpointResponse {
  return {
    status: 204,
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': methods,
      'access-control-allow-headers': allowedHeaders,
      'access-control-max-age': '7200',
      'cache-control': 'no-store',
    },
    body: '',
  }
}

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
 * sandboxed page can have.
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
  const own = outcome.client !== undefined && isOwnOrigin(origin, outcome.client.origins)
  const allowed = policy === '*' || !outcome.ok || own
  return {
    vary: 'Origin',
    ...(allowed && {
      'access-control-allow-origin': policy === '*' ? '*' : origin,
      'access-control-expose-headers': exposed,
    }),
  }
}
