import { ClientError } from '../errors.js'
import type { KnownServer, SessionState } from './session-state.js'

/** The token response of RFC 6749 §5.1, as a server or an app's own login route sends it. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in?: number | undefined
  readonly refresh_token?: string | undefined
  readonly refresh_token_expires_in?: number | undefined
  readonly scope?: string | undefined
}

/** Whether a JSON answer is a token response. */
export function isTokenResponse(answer: unknown): answer is TokenResponse {
  const { access_token: token, token_type: type } = Object(answer) as Record<string, unknown>
  return typeof token === 'string' && token !== '' && /^bearer$/i.test(type as string)
}

/**
 * The session that a token response begins or goes on with.
 *
 * @param before the session that was refreshed; a response without a refresh token leaves the one it has (RFC 6749 §6)
 * @param serverTime the response's `Date`, ms since the epoch; undefined where it cannot be read
 * @throws ClientError `refused` for what is no token response
 */
export function stateOf(
  response: TokenResponse,
  before: SessionState | undefined,
  server: KnownServer,
  {
    random,
    now,
    cookie,
  }: { readonly random: () => string; readonly now: () => number; readonly cookie: boolean },
  serverTime = now(),
): SessionState {
  if (!isTokenResponse(response)) throw new ClientError('refused', 'This is no Bearer token response.')
  // Without `expires_in` (RFC 6749 §5.1 only recommends it) a 401 says when it is time.
  const lifetime = 1000 * (response.expires_in ?? 86_400)
  const refreshLifetime = response.refresh_token_expires_in
  return {
    id: before?.id ?? random(),
    turn: (before?.turn ?? 0) + 1,
    accessToken: response.access_token,
    // In cookie mode neither the store nor another tab gets one.
    refreshToken: cookie ? '' : (response.refresh_token ?? before?.refreshToken),
    key: random(),
    lifetime,
    expiresAt: serverTime + lifetime,
    clockOffset: serverTime - now(),
    refreshExpiresAt: refreshLifetime && serverTime + 1000 * refreshLifetime,
    scope: response.scope ?? before?.scope,
    server,
  }
}
