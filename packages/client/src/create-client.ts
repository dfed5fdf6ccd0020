import type { ServerMetadata } from './discovery.js'
import { checkName, checkOptions } from './check-options.js'
import type { ClientOptions } from './client-options.js'
import { ClientError } from './errors.js'
import { emitter } from './events.js'
import type { ClientEventListener, ClientEventName } from './events.js'
import { authorizedFetch } from './fetch/authorized-fetch.js'
import { originOf } from './fetch/origin-of.js'
import type { Lock } from './locks/lock.js'
import { webLock } from './locks/web-lock.js'
import { postForm } from './session/post-form.js'
import { createSession } from './session/session.js'
import type { TokenResponse } from './session/token-response.js'
import type { SignInContext, SignInOptions } from './sign-in/sign-in-flow.js'
import { memoryStore } from './stores/memory-store.js'
import type { Store } from './stores/store.js'
import { webStorageStore } from './stores/web-storage-store.js'

/** A client of an authorization server, and the session of whoever is signed in at it. */
export interface Client {
  /** A drop-in `fetch` that sends the access token and renews it. @see authorizedFetch */
  readonly fetch: typeof fetch
  /**
   * An access token that is good now, refreshed where it is not; undefined when nobody is signed in. Within the last tenth
   * or so of its life the token is refreshed in the background.
   *
   * @param options.rejected a token that an API has answered 401 to: another one is given, and a refresh made only if
   *   nobody has made one since
   * @throws ClientError `unavailable` (the session is kept), `refused`; `configuration` where the metadata are needed and not
   *   there
   */
  getAccessToken(options?: { readonly rejected?: string | undefined }): Promise<string | undefined>
  /** Whether requests to this URL get the token: those of the page's own origin and of `resources`. */
  sendsTokenTo(url: string): boolean
  /**
   * Goes to the authorization server to sign in, with a code and PKCE. Needs WebCrypto.
   *
   * @throws ClientError `configuration`, `unavailable`
   */
  signIn(options?: SignInOptions): Promise<void>
  /**
   * Finishes `signIn` on the page of `redirectUri`; called twice (a double effect, a reload) it exchanges the code once. Takes
   * the code off the address bar.
   *
   * @returns `returnTo` of the sign-in; undefined when the URL is no callback
   * @throws ClientError `sign_in_failed`
   */
  handleCallback(url?: string): Promise<{ readonly returnTo: string | undefined } | undefined>
  /**
   * Begins a session with a token response of the app's own login route. A function is called under the lock, which is given
   * back after 11 s. In cookie mode give one: a refresh of another tab that is answered after the login would put the
   * cookie of the session before back, maybe another user's.
   *
   * @throws ClientError `unavailable` or `configuration`, before a function is called; `configuration` for a refresh token that
   *   is not where `store` needs it; `refused` for what is no Bearer token response
   */
  adopt(response: TokenResponse | (() => Promise<TokenResponse>)): Promise<void>
  /**
   * Ends the session in every tab, and its grant at the server.
   *
   * @throws ClientError `unavailable`: ended here, and the server could not be reached
   */
  signOut(): Promise<void>
  /**
   * Calls `listener` for every event of that name.
   *
   * @returns a function that stops it
   * @throws ClientError `configuration` for a name that is no event's
   */
  on<Name extends ClientEventName>(name: Name, listener: ClientEventListener<Name>): () => void
  /**
   * Stops listening to other tabs and to the page. For a client that is made for a while, as for one request of a server: one that
   * is not closed is kept as long as the process or page lives. The session stays in the store.
   */
  close(): void
}

/**
 * Makes a client. Nothing is fetched before it is needed.
 *
 * @throws ClientError `configuration`
 */
export function createClient(options: ClientOptions): Client {
  checkOptions(options)
  const { issuer, clientId, redirectUri, scope, now = Date.now } = options
  const fetcher: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const name = `oauth-ratchet:${clientId}@${issuer}`
  const origins = new Set((options.resources ?? []).map(originOf))
  const timeoutMs = (options.timeout ?? 8) * 1000
  const { on, emit } = emitter()
  const cookie = options.store === 'cookie'
  const store = storeOf(options.store, name)
  let metadata: Promise<ServerMetadata> | undefined
  const pageOrigin = globalThis.location?.origin
  const base = globalThis.location?.href

  const session = createSession({
    name,
    clientId,
    cookie,
    store,
    lock: options.lock ?? defaultLock(store),
    random: options.random ?? defaultRandom(),
    discover: async () => {
      const { knownServer } = await import('./discovery.js')
      return knownServer(await discovered())
    },
    sendsKeyTo: ({ token, keys }) =>
      options.idempotencyKey ?? (keys === true || originOf(token) === pageOrigin),
    fetch: fetcher,
    timeoutMs,
    now,
    monotonic: () => globalThis.performance?.now() ?? now(),
    emit,
  })

  function discovered(): Promise<ServerMetadata> {
    metadata ??= options.metadata
      ? Promise.resolve(options.metadata)
      : import('./discovery.js').then(({ discover }) => discover(issuer, fetcher, timeoutMs))
    metadata.catch(() => {
      metadata = undefined
    })
    return metadata
  }

  async function adopt(response: TokenResponse | (() => Promise<TokenResponse>)): Promise<void> {
    // Before the login route is called: a server that cannot be used must not have begun a session.
    const found = await discovered()
    await session.adopt(async () => {
      const tokens = typeof response === 'function' ? await response() : response
      const { refresh_token: token, refresh_token_expires_in: life } = tokens ?? {}
      if (cookie ? token : !token && life !== undefined) {
        const { refuseMisplacedToken } = await import('./sign-in/refuse-misplaced-token.js')
        await refuseMisplacedToken(token, async (held) => {
          const { revocation_endpoint: url } = found
          const form = { token: held, client_id: clientId }
          if (url !== undefined) await postForm(fetcher, url, form, undefined, true, timeoutMs)
        })
      }
      return tokens
    })
  }

  function sendsTokenTo(url: string): boolean {
    const target = originOf(url)
    return target !== undefined && (target === pageOrigin || origins.has(target))
  }

  // A page that holds a lock or a channel does not get into the back-forward cache.
  const shown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) void session.resume()
  }
  globalThis.addEventListener?.('pagehide', session.pause)
  globalThis.addEventListener?.('pageshow', shown)

  const context: SignInContext = {
    name,
    clientId,
    redirectUri,
    scope,
    cookie,
    discovered,
    fetcher,
    timeoutMs,
    adopt,
  }

  return {
    on(event, listener) {
      checkName('event', event, 'refreshed adopted retrying signed-out')
      return on(event, listener)
    },
    sendsTokenTo,
    fetch: authorizedFetch(session, fetcher, sendsTokenTo),
    getAccessToken: ({ rejected } = {}) => session.getAccessToken(rejected),
    adopt,
    signOut: session.signOut,
    close() {
      globalThis.removeEventListener?.('pagehide', session.pause)
      globalThis.removeEventListener?.('pageshow', shown)
      session.pause()
    },
    async signIn(given = {}) {
      const { beginSignIn } = await import('./sign-in/sign-in-flow.js')
      await beginSignIn(context, given)
    },
    async handleCallback(url = base ?? '') {
      if (!/[?&](code|error)=/.test(url)) return undefined
      return (await import('./sign-in/sign-in-flow.js')).finishSignIn(context, url)
    },
  }
}

function storeOf(store: ClientOptions['store'], name: string): Store {
  const inBrowser = typeof document !== 'undefined'
  switch (store ?? (inBrowser ? 'sessionStorage' : 'memory')) {
    case 'memory':
      return memoryStore()
    case 'sessionStorage':
      return webStorageStore(() => sessionStorage, name, false)
    case 'localStorage':
    case 'cookie':
      return webStorageStore(() => localStorage, name, true)
    default:
      return store as Store
  }
}

function defaultLock(store: Store): Lock {
  // Node's own Web Locks, from 24 on, would have all people's sessions wait for each other.
  if (globalThis.location !== undefined && globalThis.navigator?.locks !== undefined)
    return webLock(navigator.locks)
  return {
    acquire: async (...wait) =>
      (typeof document === 'undefined'
        ? (await import('./locks/process-lock.js')).processLock(store)
        : (await import('./locks/lease-lock.js')).leaseLock(() => localStorage)
      ).acquire(...wait),
  }
}

function defaultRandom(): () => string {
  if (globalThis.crypto?.getRandomValues === undefined) {
    throw new ClientError('configuration', 'There is no crypto.getRandomValues here: give the option random.')
  }
  return () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    )
}
