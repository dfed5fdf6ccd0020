import { User, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { API } from '../storm-client.js'
import type { StormClient, StormClientOptions } from '../storm-client.js'

function userManager({ origin, clientId }: StormClientOptions): UserManager {
  return new UserManager({
    authority: origin,
    metadataUrl: `${origin}/.well-known/oauth-authorization-server`,
    client_id: clientId,
    redirect_uri: `${origin}/page`,
    scope: 'notes:read',
    userStore: new WebStorageStateStore({ store: localStorage }),
  })
}

function stormClient(manager: UserManager, renew: () => Promise<unknown>): StormClient {
  const ask = async (): Promise<number> => {
    const user = await manager.getUser()
    const response = await fetch(API, { headers: { authorization: `Bearer ${user?.access_token}` } })
    return response.status
  }
  return {
    signIn: (tokens) =>
      manager.storeUser(
        new User({
          ...tokens,
          expires_at: Math.floor(Date.now() / 1000) + tokens.expires_in,
          profile: { sub: 'alice', iss: '', aud: '', exp: 0, iat: 0 },
        }),
      ),
    async ask() {
      const status = await ask()
      if (status !== 401) return status
      await renew()
      return ask()
    },
  }
}

/**
 * As its documentation says: `WebStorageStateStore` on `localStorage`, the token of `getUser()` with each request,
 * `automaticSilentRenew` (on by default; a minute before a token's end it calls the same `signinSilent` in every tab), and
 * `signinSilent` after a 401.
 */
export function setUp(options: StormClientOptions): StormClient {
  const manager = userManager(options)
  return stormClient(manager, () => manager.signinSilent())
}

/** The same with what the library leaves to the app: calls of one page share one `signinSilent`. */
export function setUpWithSingleFlight(options: StormClientOptions): StormClient {
  const manager = userManager(options)
  let running: Promise<unknown> | undefined
  return stormClient(manager, () => {
    running ??= manager.signinSilent().finally(() => {
      running = undefined
    })
    return running
  })
}
