import { header, json } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import { runTokenRequest } from '../protocol/oauth2-server.js'
import type { ServerParts } from '../server-parts.js'
import { backChannel } from './back-channel.js'
import type { EndpointOptions } from './back-channel.js'
import { assertReadable } from './cors.js'

/**
 * The token endpoint. A request of a page that may not read the answer is refused before anything is issued or turned.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export function tokenEndpoint(
  parts: ServerParts,
  request: EndpointRequest,
  options: EndpointOptions = {},
): Promise<EndpointResponse> {
  const { cors = 'own' } = options
  return backChannel(parts, request, cors, async (client, parameters) => {
    assertReadable(request, cors, client)
    const tokens = await runTokenRequest(parts, {
      client,
      parameters,
      idempotencyKey: header(request, 'idempotency-key'),
      remoteAddress: request.remoteAddress,
    })
    return json(200, tokens)
  })
}
