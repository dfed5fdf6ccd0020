import { tokenResponseJson } from '../grants/token-response.js'
import type { TokenResponse } from '../grants/token-response.js'
import { header, writtenJson } from '../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import type { Parameters } from '../http/parameters.js'
import { runTokenRequest } from '../protocol/oauth2-server.js'
import type { ServerParts } from '../server-parts.js'
import { backChannel } from './back-channel.js'
import type { EndpointOptions, Work } from './back-channel.js'
import { assertReadable } from './cors.js'
import { cookieOfRequest, withRefreshToken } from './refresh-token-cookie.js'
import { seenFromOf } from './seen-from.js'
import { tokensWithCookie } from './tokens-with-cookie.js'

/**
 * The token endpoint. A request of a page that may not read the answer is refused before anything is issued or turned.
 * With a cookie for its refresh token, so is a client's request from a page that is neither the issuer's nor its own.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export function tokenEndpoint(
  parts: ServerParts,
  request: EndpointRequest,
  options: EndpointOptions = {},
): Promise<EndpointResponse> {
  const { cors = 'own' } = options
  const work: Work = async (client, parameters, origin) => {
    assertReadable(request, cors, client)
    const cookie = cookieOfRequest(parts, request, client, options.refreshTokenCookies)
    const run = (given: Parameters): Promise<TokenResponse> =>
      runTokenRequest(parts, {
        client,
        parameters: given,
        idempotencyKey: header(request, 'idempotency-key'),
        origin,
        // A confidential client's request comes from its own server.
        seenFrom: client.authMethod === 'none' ? seenFromOf(parts.settings, request) : undefined,
      })
    if (cookie === undefined) return writtenJson(200, tokenResponseJson(await run(parameters)))
    const answer = await withRefreshToken(cookie, request, parameters, run)
    // A page that has the token itself, as before the client had the cookie, would keep a spent one without its successor.
    const inBody = parameters.get('grant_type') === 'refresh_token' && parameters.has('refresh_token')
    return tokensWithCookie(answer, cookie, inBody)
  }
  return backChannel(parts, 'token', request, cors, work, 'any', () => parts.maintenance.assertOff())
}
