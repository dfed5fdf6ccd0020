import { clientAuthenticationMethods, confidentialAuthenticationMethods } from '../clients/authentication.js'
import { json } from '../http/message.js'
import type { EndpointResponse } from '../http/message.js'
import { offlineAccess } from '../options/scopes.js'
import type { ServerParts } from '../server-parts.js'
import { publicCors } from './cors.js'

/** Which endpoints the app has mounted, so that the metadata tells of these and no others. */
export interface Mounted {
  readonly authorization: boolean
}

/**
 * The authorization server metadata of RFC 8414: what is advertised works, what does not is not there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
 */
export function metadataOf(parts: ServerParts, mounted: Mounted): Record<string, unknown> {
  const { issuer, endpointUrl, scopes } = parts.settings
  const grantTypes = [
    ...(mounted.authorization ? ['authorization_code'] : []),
    'refresh_token',
    'client_credentials',
    ...(parts.callbacks.authenticateUser === undefined ? [] : ['password']),
  ]
  return {
    issuer,
    ...(mounted.authorization && {
      authorization_endpoint: endpointUrl('authorize'),
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    }),
    token_endpoint: endpointUrl('token'),
    token_endpoint_auth_methods_supported: clientAuthenticationMethods,
    // Ours: a client may send the Idempotency-Key header, from a page of another origin too.
    idempotency_key_supported: true,
    revocation_endpoint: endpointUrl('revoke'),
    revocation_endpoint_auth_methods_supported: clientAuthenticationMethods,
    introspection_endpoint: endpointUrl('introspect'),
    introspection_endpoint_auth_methods_supported: confidentialAuthenticationMethods,
    jwks_uri: endpointUrl('jwks'),
    grant_types_supported: grantTypes,
    scopes_supported: [...new Set([...scopes.keys(), offlineAccess])],
    // Whatever the options: a client's metadata and a single sign-in can have limits of their own. Which of them a grant
    // has is in its token responses.
    refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
  }
}

/** The answer at the well-known URL: readable by every page, kept for five minutes. */
export function metadataEndpoint(parts: ServerParts, mounted: Mounted): EndpointResponse {
  const { pragma: _, ...headers } = json(200, {}).headers
  return {
    status: 200,
    headers: { ...headers, ...publicCors, 'cache-control': 'public, max-age=300' },
    body: JSON.stringify(metadataOf(parts, mounted)),
  }
}
