import type { Emitter } from '../events.js'
import type { Lock } from '../locks/lock.js'
import type { Store } from '../stores/store.js'
import type { KnownServer } from './session-state.js'
import type { TokenResponse } from './token-response.js'

export interface SessionOptions {
  /** Of the lock and of the channel between tabs. */
  readonly name: string
  readonly clientId: string
  readonly store: Store
  readonly lock: Lock
  /** The refresh token is in a cookie, and the store has everything but tokens. */
  readonly cookie: boolean
  readonly discover: () => Promise<KnownServer>
  /** Whether the `Idempotency-Key` may be sent to this server. */
  readonly sendsKeyTo: (server: KnownServer) => boolean
  /** 128 random bits or more as text. */
  readonly random: () => string
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  readonly now: () => number
  readonly monotonic: () => number
  readonly emit: Emitter['emit']
}

/** One sign-in as every tab of it works with it. */
export interface Session {
  /**
   * An access token that is good now; undefined when nobody is signed in. Of concurrent calls one refreshes.
   *
   * @param rejected a token that an API has answered 401 to: another one is given, refreshed only if no newer is there
   * @throws ClientError `unavailable`, `refused`
   */
  readonly getAccessToken: (rejected?: string) => Promise<string | undefined>
  /** Begins a session with a token response. The function is called under the lock. */
  readonly adopt: (logIn: () => Promise<TokenResponse>) => Promise<void>
  /** Ends the session here, in every tab, and at the server. @throws ClientError `unavailable` if the server was not reached */
  readonly signOut: () => Promise<void>
  /** Hears no other tab until `resume`, which looks at the store again. */
  readonly pause: () => void
  readonly resume: () => Promise<void>
}
