import { json } from '../http/message.js'
import type { EndpointResponse } from '../http/message.js'
import type { ServerParts } from '../server-parts.js'
import { publicCors } from './cors.js'

/**
 * The public keys of JWT access tokens, retired ones included until they are taken out of the configuration. Where tokens
 * are opaque and no `signingKeys` are given it is an empty set.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export function jwksEndpoint(parts: ServerParts): EndpointResponse {
  const { pragma: _, ...headers } = json(200, {}).headers
  return {
    status: 200,
    headers: {
      ...headers,
      ...publicCors,
      'content-type': 'application/jwk-set+json',
      'cache-control': 'public, max-age=300',
    },
    body: JSON.stringify({ keys: parts.accessTokens.keys.map((key) => key.publicJwk) }),
  }
}
