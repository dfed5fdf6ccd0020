import { OAuthError } from '../faults/errors.js'
import { revokeToken } from '../grants/token-revocation.js'
import { json } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import type { ServerParts } from '../server-parts.js'
import { backChannel } from './back-channel.js'
import type { EndpointOptions } from './back-channel.js'

/**
 * The revocation endpoint. A success has the body `{}` as JSON, which more clients can read than an empty one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export function revokeEndpoint(
  parts: ServerParts,
  request: EndpointRequest,
  options: EndpointOptions = {},
): Promise<EndpointResponse> {
  return backChannel(parts, request, options.cors ?? 'own', async (client, parameters) => {
    const token = parameters.get('token')
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing.')
    await revokeToken(parts, client, token)
    return json(200, {})
  })
}
