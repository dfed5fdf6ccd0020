import { create } from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import type { AxiosAuthRefreshOptions } from 'axios-auth-refresh'
import { API } from '../storm-client.js'
import type { StormClient, StormClientOptions, StormTokens } from '../storm-client.js'

function signIn(tokens: StormTokens): void {
  localStorage.setItem('token', tokens.access_token)
  localStorage.setItem('refreshToken', tokens.refresh_token)
}

function stormClient({ clientId }: StormClientOptions, options: AxiosAuthRefreshOptions): StormClient {
  const api = create()
  api.interceptors.request.use((request) => {
    request.headers.set('Authorization', `Bearer ${localStorage.getItem('token')}`)
    return request
  })
  // Without the interceptor, which would add the old access token.
  const tokenEndpoint = create()
  const refresh = (): Promise<void> =>
    tokenEndpoint
      .post<StormTokens>(
        '/oauth/token',
        new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: localStorage.getItem('refreshToken') ?? '',
          client_id: clientId,
        }),
      )
      .then(({ data }) => signIn(data))
  createAuthRefresh(api, refresh, options)
  return { signIn, ask: async () => (await api.get(API)).status }
}

/**
 * As its README says: tokens in `localStorage`, a request interceptor that reads the access token at each request, and
 * `deduplicateRefresh`, which is on by default. The refresh token is read when it is used.
 */
export function setUp(options: StormClientOptions): StormClient {
  return stormClient(options, {})
}

/** With the default, a request whose 401 comes while a refresh runs already is rejected; without it, it waits for that refresh. */
export function setUpWithoutDeduplication(options: StormClientOptions): StormClient {
  return stormClient(options, { deduplicateRefresh: false })
}
