import type { ServerMetadata } from './discovery.js'
import type { Lock } from './locks/lock.js'
import type { Store } from './stores/store.js'

export interface ClientOptions {
  /** The authorization server, exactly as its metadata name it. */
  readonly issuer: string
  readonly clientId: string
  /**
   * Where the session is kept. Default `sessionStorage` in a browser, `memory` elsewhere.
   *
   * - `memory`: ends with the page. Safest against a script that reads stores, and a reload signs in anew.
   * - `sessionStorage`: survives a reload; each tab signs in for itself.
   * - `localStorage`: one session for all tabs, until it ends.
   * - `cookie`: one session for all tabs, and no script can read the refresh token. The server must keep it in a cookie
   *   for this client (`refreshTokenCookie` of `@oauth-ratchet/express`).
   * - a {@link Store} of your own, or `fileSession` of `@oauth-ratchet/client/node`
   */
  readonly store?: 'memory' | 'sessionStorage' | 'localStorage' | 'cookie' | Store | undefined
  /**
   * Lets one tab or process at a time refresh. Default: Web Locks, or a lease in
   * `localStorage`; where there are no tabs, a lock for each session in this process, of which other processes know nothing.
   */
  readonly lock?: Lock | undefined
  /** Origins of the APIs that get the access token, beside the page's own. */
  readonly resources?: readonly string[] | undefined
  /** Where `signIn` has the browser come back to. */
  readonly redirectUri?: string | undefined
  /** What `signIn` asks for, space-separated. Default: what the client is registered for. */
  readonly scope?: string | undefined
  /** The server's metadata, so that they need not be fetched. */
  readonly metadata?: ServerMetadata | undefined
  /**
   * Whether refreshes carry an `Idempotency-Key`, with which a lost answer is never taken for theft. Default: to the page's
   * own origin, and to servers whose metadata have `idempotency_key_supported`. True: always; a server of another origin
   * must allow the header in its CORS.
   */
  readonly idempotencyKey?: boolean | undefined
  /** At least 128 random bits as text. Required where there is no `crypto.getRandomValues`. */
  readonly random?: (() => string) | undefined
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined
  /** Seconds after which a request to the server is given up. Default 8, at most 9: others wait for it. */
  readonly timeout?: number | undefined
  /** The device's clock, ms since the epoch. Default `Date.now`; for tests. */
  readonly now?: (() => number) | undefined
}
