export interface ListedClient {
  readonly name: string
  /** The npm package; its version is pinned in the package.json of this workspace. Undefined for ours. */
  readonly packageName?: string
  /** The module in `clients/` and its export that sets it up. */
  readonly module: string
  readonly setUp: string
  /** How it was set up, in a line. */
  readonly how: string
}

/** Who goes through the storm. */
export const STORM_CLIENTS = {
  ours: {
    name: '@oauth-ratchet/client',
    module: 'oauth-ratchet',
    setUp: 'setUp',
    how: "`store: 'localStorage'`, `client.fetch`",
  },
  badgateway: {
    name: '@badgateway/oauth2-client',
    packageName: '@badgateway/oauth2-client',
    module: 'badgateway',
    setUp: 'setUp',
    how: 'its fetch wrapper, which refreshes once per page; `storeToken` and `getStoredToken` on `localStorage`, as in its README',
  },
  axios: {
    name: 'axios-auth-refresh',
    packageName: 'axios-auth-refresh',
    module: 'axios-auth-refresh',
    setUp: 'setUp',
    how: 'both tokens in `localStorage`, read whenever they are used; `deduplicateRefresh` (default), as in its README',
  },
  axiosNoDeduplication: {
    name: 'axios-auth-refresh, `deduplicateRefresh: false`',
    packageName: 'axios-auth-refresh',
    module: 'axios-auth-refresh',
    setUp: 'setUpWithoutDeduplication',
    how: 'the same without that default, with which a request is rejected whose 401 comes while a refresh is under way',
  },
  oidc: {
    name: 'oidc-client-ts',
    packageName: 'oidc-client-ts',
    module: 'oidc-client-ts',
    setUp: 'setUp',
    how: '`WebStorageStateStore` on `localStorage`, `getUser()` for each request, `signinSilent()` after a 401; its timer (`automaticSilentRenew`, default) calls the same function in every tab',
  },
  oidcSingleFlight: {
    name: 'oidc-client-ts, single flight added',
    packageName: 'oidc-client-ts',
    module: 'oidc-client-ts',
    setUp: 'setUpWithSingleFlight',
    how: 'the same, and the app has the calls of one page share one `signinSilent()`',
  },
} satisfies Record<string, ListedClient>

export type StormClientName = keyof typeof STORM_CLIENTS
