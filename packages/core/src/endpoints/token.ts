import { header, json } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import { runTokenRequest } from '../protocol/oauth2-server.js'
import type { ServerParts } from '../server-parts.js'
import { backChannel } from './back-channel.js'
import type { EndpointOptions } from './back-channel.js'

/**
 * The token endpoint.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export function tokenEndpoint(
  parts: ServerParts,
  request: EndpointRequest,
  options: EndpointOptions = {},
): Promise<EndpointResponse> {
  return backChannel(parts, request, options.cors ?? 'own', async (client, parameters) =>
    json(
      200,
      await runTokenRequest(parts, {
        client,
        parameters,
        idempotencyKey: header(request, 'idempotency-key'),
        remoteAddress: request.remoteAddress,
      }),
    ),
  )
}
