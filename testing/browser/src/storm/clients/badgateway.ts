import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'
import type { OAuth2Token } from '@badgateway/oauth2-client'
import { API } from '../storm-client.js'
import type { StormClient, StormClientOptions } from '../storm-client.js'

const ENTRY = 'token-store'

function storeToken(token: OAuth2Token): void {
  localStorage.setItem(ENTRY, JSON.stringify(token))
}

/** As its README says: the fetch wrapper with its single flight, `storeToken` and `getStoredToken` on `localStorage`. */
export function setUp({ origin, clientId }: StormClientOptions): StormClient {
  const client = new OAuth2Client({ server: origin, clientId, tokenEndpoint: '/oauth/token' })
  const wrapper = new OAuth2Fetch({
    client,
    // Nobody signs in again during the storm.
    getNewToken: () => null,
    storeToken,
    getStoredToken: () => JSON.parse(localStorage.getItem(ENTRY) ?? 'null') as OAuth2Token | null,
  })
  return {
    signIn: (tokens) =>
      storeToken({
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        expiresAt: Date.now() + tokens.expires_in * 1000,
      }),
    ask: async () => (await wrapper.fetch(new URL(API, origin).href)).status,
  }
}
