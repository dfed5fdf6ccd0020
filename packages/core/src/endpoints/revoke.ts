import { OAuthError } from '../faults/errors.js'
import { revokeToken } from '../grants/token-revocation.js'
import { json } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import type { ServerParts } from '../server-parts.js'
import { backChannel } from './back-channel.js'
import type { EndpointOptions } from './back-channel.js'
import { cookieOfRequest } from './refresh-token-cookie.js'

/**
 * The revocation endpoint. A success has the body `{}` as JSON, which more clients can read than an empty one.
 *
 * Without the parameter it ends the grant of the client's cookie, if it has one; a request without either is done already.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export function revokeEndpoint(
  parts: ServerParts,
  request: EndpointRequest,
  options: EndpointOptions = {},
): Promise<EndpointResponse> {
  return backChannel(parts, 'revoke', request, options.cors ?? 'own', async (client, parameters, origin) => {
    const cookie = cookieOfRequest(parts, request, client, options.refreshTokenCookies)
    const held = cookie?.read(request)
    const token = parameters.get('token') ?? held
    if (token === undefined && cookie !== undefined) return json(200, {})
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing.')
    await revokeToken(parts, client, token, origin)
    // An access token that is revoked leaves the cookie alone.
    return json(200, {}, cookie !== undefined && token === held ? { 'set-cookie': cookie.clear() } : {})
  })
}
