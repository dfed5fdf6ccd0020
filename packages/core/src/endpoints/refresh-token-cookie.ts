import type { Client } from '../clients/client.js'
import { ConfigurationError, isOAuthError, OAuthError } from '../faults/errors.js'
import { invalidGrant } from '../grant-types/refresh-token.js'
import { header } from '../http/message.js'
import type { EndpointRequest } from '../http/message.js'
import type { Parameters } from '../http/parameters.js'
import { nearName } from '../options/near-name.js'
import type { ServerParts } from '../server-parts.js'
import { allowCredentials } from './cors.js'

/** The cookie that holds one client's refresh token. Strings are values of the header `Set-Cookie`. */
export interface RefreshTokenCookie {
  /** @throws OAuthError `invalid_request` when the request has several cookies of the name */
  readonly read: (request: Pick<EndpointRequest, 'headers'>) => string | undefined
  readonly set: (refreshToken: string, lifetimeSeconds: number | undefined) => string
  readonly clear: () => string
}

/** The cookie of a client; undefined for a client whose refresh tokens are in the body. */
export type RefreshTokenCookies = (clientId: string) => RefreshTokenCookie | undefined

/**
 * The cookie of the client that makes this request; undefined when it has none.
 *
 * @throws OAuthError `invalid_request` (403) when the request is not from a page of the issuer's origin or the client's;
 *   `unauthorized_client` when the client is confidential, which `request.failed` reports to the app
 */
export function cookieOfRequest(
  parts: ServerParts,
  request: EndpointRequest,
  client: Client,
  cookies: RefreshTokenCookies | undefined,
): RefreshTokenCookie | undefined {
  const cookie = cookies?.(client.id)
  if (cookie === undefined) return undefined
  if (client.authMethod !== 'none') {
    parts.events.emit('request.failed', { phase: 'internal', error: confidential(client) })
    throw new OAuthError(
      'unauthorized_client',
      "The server is set up to keep this client's refresh token in a cookie, which is for public clients only.",
    )
  }
  assertOwnPage(parts, request, client)
  return cookie
}

/**
 * Refuses what another site, or a sibling origin of the same site, sends with the user's cookie or to have one set.
 * Origins are compared exactly: with a cookie, a page at another port of the loopback address is another's.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
function assertOwnPage(parts: ServerParts, request: EndpointRequest, client: Client): void {
  if (header(request, 'sec-fetch-site') === 'same-origin') return
  const origin = header(request, 'origin')
  if (origin !== undefined) {
    if (origin === new URL(parts.settings.issuer).origin || client.origins.has(origin)) return
  }
  throw new OAuthError(
    'invalid_request',
    'The refresh token of this client is in a cookie, and this request is not from a page of the issuer or of the ' +
      "client, as its headers Sec-Fetch-Site and Origin say. Name the page's origin in the client's allowed_origins.",
    { status: 403, headers: allowCredentials },
  )
}

/** A token request with the refresh token from the cookie, where the request has no parameter of its own. */
export async function withRefreshToken<Answer>(
  cookie: RefreshTokenCookie,
  request: EndpointRequest,
  parameters: Parameters,
  run: (parameters: Parameters) => Promise<Answer>,
): Promise<Answer> {
  if (parameters.get('grant_type') !== 'refresh_token' || parameters.has('refresh_token'))
    return run(parameters)
  const refreshToken = cookie.read(request)
  if (refreshToken === undefined) throw invalidGrant()
  try {
    return await run(new Map([...parameters, ['refresh_token', refreshToken]]))
  } catch (error) {
    if (!isOAuthError(error) || error.code !== 'invalid_grant') throw error
    const { message, status, headers } = error
    throw new OAuthError('invalid_grant', message, {
      status,
      headers: { ...headers, 'set-cookie': cookie.clear() },
      cause: error,
    })
  }
}

/**
 * Notes clients as those with a cookie, and checks those of the list given to the server. One that a function or the
 * storage knows is checked when it comes.
 *
 * @throws ConfigurationError `refreshTokenCookie.clients`
 */
export function useCookieFor(parts: ServerParts, clientIds: readonly string[]): void {
  for (const id of clientIds) {
    const client = parts.clients.configured(id)
    if (client !== undefined) {
      if (client.authMethod !== 'none') throw confidential(client)
      continue
    }
    // It may be one of server.clients; a near name makes a mistake the likelier reason.
    const near = nearName(id, parts.clients.configuredIds())
    if (near === undefined) continue
    throw wrongClient(
      `names ${JSON.stringify(id)}, which is no client. Did you mean ${JSON.stringify(near)}?`,
    )
  }
  for (const id of clientIds) parts.cookieClients.add(id)
}

function confidential(client: Client): ConfigurationError {
  return wrongClient(`names ${client.id}, which is confidential: its refresh token never is in a browser.`)
}

function wrongClient(problem: string): ConfigurationError {
  return new ConfigurationError(
    'refreshTokenCookie.clients',
    `oauthRouter: refreshTokenCookie.clients ${problem}`,
  )
}
