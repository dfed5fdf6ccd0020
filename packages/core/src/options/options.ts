import type { Storage } from '../storage/storage.js'
import type { ClientMetadata } from './client-metadata.js'
import type { ImportTokenOptions } from './foreign-session.js'
import type { Grant } from './grant.js'
import type { Jwk } from './jwk.js'
import type { SignIn } from './sign-in.js'

/** Options of `createAuthorizationServer`. Checked when the server is made, never at the first request. */
export interface AuthorizationServerOptions {
  /**
   * Who this server says it is: an https URL without query or fragment (http only for this machine: a loopback
   * address, `localhost`, `*.localhost`). Written into metadata, tokens and redirects exactly as given, and never taken
   * from a `Host` header.
   *
   * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
   */
  readonly issuer: string
  /** Where the endpoints are seen from outside, below the issuer. Default `/oauth`. */
  readonly basePath?: string | undefined
  /**
   * `[current, ...older]`, each at least 32 bytes of a random source. The first signs and seals, all verify and
   * open. To rotate without ending sessions: put the new one last, deploy; put it first, deploy; drop the old one
   * no sooner than the longest idle lifetime later. Whoever has a secret and the database can make tokens. One that is a
   * pattern or a repetition is refused, one that looks made up is warned of (`OAUTH_RATCHET_WEAK_SERVER_SECRET`).
   */
  readonly secrets: readonly (string | Uint8Array | undefined)[]
  /** Where grants live. */
  readonly storage: Storage
  /**
   * The clients, or a function that finds one by `client_id` (undefined or null: there is none). The function is asked on
   * every request, so keep it fast; its faults are a 503. An answer with another `client_id` than the one asked for, as a
   * database gives that ignores case, counts as no client. Default: none; those of `server.clients` are found too, and
   * cost a storage call at most every 5 seconds.
   */
  readonly clients?: readonly ClientMetadata[] | ClientLookup | undefined
  /**
   * All scopes there are: a list, or names with the words that the consent page uses for them. `offline_access` need not
   * be listed: every client with the grant type `refresh_token` may ask for it.
   */
  readonly scopes?: readonly string[] | Readonly<Record<string, string>> | undefined
  /**
   * What becomes of a request for a scope that the server does not have, or that is not the client's to ask for (at a
   * refresh: not the grant's). `refuse` (default): `invalid_scope`, so that a mistake shows. `ignore`: it is left out,
   * and the answer names what was granted; for clients that ask for a fixed list. With nothing left it is
   * `invalid_scope` all the same.
   *
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
   */
  readonly unknownScopes?: 'refuse' | 'ignore' | undefined
  readonly accessToken?: AccessTokenOptions | undefined
  readonly refreshToken?: RefreshTokenOptions | undefined
  readonly authorizationCode?: AuthorizationCodeOptions | undefined
  readonly sessions?: SessionOptions | undefined
  /**
   * Checks a password; undefined or null when it is wrong. Only with it is there a password grant, which OAuth 2.1
   * has removed: every client that uses it sees your users' passwords. Prefer a login route and `grants.issue`.
   */
  readonly authenticateUser?:
    | ((username: string, password: string) => Promise<SignIn | null | undefined> | SignIn | null | undefined)
    | undefined
  /**
   * Asked at every refresh and redemption: false ends the grant for good; what is neither true nor false is a fault of
   * the callback (503), and ends nothing. Costs a second storage call per refresh, since what can be refused is refused
   * before the ratchet turns.
   */
  readonly isSubjectActive?: ((subject: string) => Promise<boolean> | boolean) | undefined
  /**
   * Separates servers that share a store and secrets: keys and hashes are derived for it. Default: the issuer. Set
   * it to the old issuer when the issuer moves, or every session ends.
   */
  readonly realm?: string | undefined
  /** Grants made before this are over: a Date, or seconds since the epoch. Default: none are. */
  readonly grantsNotBefore?: Date | number | undefined
  /**
   * Whether the service is in maintenance, beside `server.maintenance`: asked at every request that begins or turns a
   * grant or changes a client, which is then a 503. For several processes that share a switch (a flag in memory that a timer
   * or a subscription keeps up to date). It must answer at once, true or false. Default: not asked.
   */
  readonly maintenance?: (() => boolean) | undefined
  /** The clock, in ms since the epoch. Default `Date.now`; for tests. */
  readonly now?: (() => number) | undefined
  /**
   * Seconds to wait for one storage call. Default 2. A write that was not answered in time is looked for once more, so that
   * the 503 comes after twice as long; longer waits keep requests hanging in an outage.
   */
  readonly storageTimeout?: number | undefined
  /** Seconds to wait for one of the callbacks. Default 5. */
  readonly callbackTimeout?: number | undefined
  /** Seconds between sweeps of expired records, for storages that do not expire by themselves. Default 60; 0: never. */
  readonly sweepInterval?: number | undefined
  /**
   * Failed attempts per client (or user) and address before the answer is a 429, and ten times as many per address.
   * `attempts` default 10, `window` 60 seconds; false turns the limits off, which is right only behind something that has
   * its own.
   */
  readonly throttle?:
    { readonly attempts?: number | undefined; readonly window?: number | undefined } | false | undefined
  /**
   * Lets the port of `http://localhost` redirect URIs (and of `http://*.localhost`) vary as it may for loopback IP
   * addresses. Default false: the name can be made to resolve elsewhere (RFC 8252 §8.3).
   */
  readonly localhostAnyPort?: boolean | undefined
  /**
   * `private-network`: the issuer may be http on a private network, and so may redirect URIs, for development in
   * containers (`http://auth:3000`, `http://host.docker.internal:3000`, `http://192.168.1.5:3000`). Everything crosses that
   * network readable, so a warning is emitted at start (`OAUTH_RATCHET_INSECURE_ISSUER`). Public addresses are refused
   * all the same, and with an https issuer it allows nothing. Default: https, or loopback.
   */
  readonly allowInsecureIssuer?: 'private-network' | undefined
}

export type ClientLookup = (
  clientId: string,
) => Promise<ClientMetadata | null | undefined> | ClientMetadata | null | undefined

export interface AccessTokenOptions {
  /**
   * `opaque` (default): checked here, so a revocation bites at once. `jwt` (RFC 9068): can be checked anywhere
   * through the JWKS, where a revocation bites only when the token expires. Opaque tokens are accepted whichever is
   * issued, JWTs while a key of theirs is published.
   */
  readonly format?: 'opaque' | 'jwt' | undefined
  /** Seconds. Default 900. */
  readonly lifetime?: number | undefined
  /** The resource servers that tokens are for. Default: the issuer. */
  readonly audience?: string | readonly string[] | undefined
  /**
   * Private JWKs that sign, the first one now, the others still published so that their tokens go on. Default: with
   * `jwt` an ES256 key derived from each secret, so that every process has the same and none is stored; with `opaque` no
   * key, since guesses at a secret can be tried offline on a key that was derived from it.
   */
  readonly signingKeys?: readonly Jwk[] | undefined
  /**
   * Until then the keys derived from the secrets are published, and JWTs under them accepted, although none is issued: a
   * Date, or seconds since the epoch. For a change from JWTs to `opaque` or to `signingKeys`: one access-token lifetime
   * after the last process of before has ended. Default: not at all, and JWTs that are out are refused and refreshed.
   */
  readonly publishDerivedKeysUntil?: Date | number | undefined
  /**
   * Claims of the app's own: asked for each JWT issued, and for opaque tokens at introspection and in
   * `requireToken`. Names that RFC 9068 defines are refused. With JWTs it costs a second storage call per refresh.
   */
  readonly claims?: ((grant: Grant) => Promise<Record<string, unknown>> | Record<string, unknown>) | undefined
}

export interface RefreshTokenOptions {
  /** Seconds without a refresh after which the grant ends; null: no such limit. Default 30 days. */
  readonly idleLifetime?: number | null | undefined
  /** Seconds after consent at which the grant ends whatever happens; null: no such limit. Default 180 days. Not both null. */
  readonly absoluteLifetime?: number | null | undefined
  /**
   * Other lifetimes for grants with the scope `offline_access`, longer or shorter: what is left out is as above. Chosen when
   * the grant begins, and kept by it when its scope is narrowed. A client that has `idle_lifetime` or `absolute_lifetime` is
   * under these unless it has `offline_idle_lifetime` and `offline_absolute_lifetime`. Default: the same for all. Set it
   * once every process has a version that knows it: an older one caps by the lifetimes above.
   */
  readonly offline?:
    | {
        readonly idleLifetime?: number | null | undefined
        readonly absoluteLifetime?: number | null | undefined
      }
    | undefined
  /**
   * Seconds during which the refresh token before is answered with the same successor. Default 0: one use,
   * strictly. A few seconds (10) forgive lost answers and second tabs, and give a thief who replays within them a
   * working token until the next refresh of either side, which ends the grant.
   */
  readonly reuseGrace?: number | undefined
  /**
   * For a service that is moving in: reuse of a refresh token is reported and ends no grant, until a date. See
   * {@link ObserveReuseOptions} for what it costs. Default: reuse ends the grant.
   */
  readonly observeReuse?: ObserveReuseOptions | undefined
  /**
   * For a service that is moving in: refresh tokens that it gave out before are taken at their first use, and go on as grants.
   * Costs ours nothing; a foreign one is read and looked up in the app's store. Default: they are unknown tokens.
   */
  readonly importToken?: ImportTokenOptions | undefined
  /**
   * Generations that a genuine token may be ahead of the store, after a failover that lost writes. Default 0.
   * Within them the tag alone is trusted, and a revocation that the failover lost is lost.
   */
  readonly acceptAhead?: number | undefined
  /**
   * Live grants of one subject at one client; `atLimit` says what becomes of one more. Default 50; null: no limit. A
   * client's `max_grants_per_subject` replaces it. Codes that are not redeemed yet do not count.
   */
  readonly maxPerSubjectAndClient?: number | null | undefined
  /**
   * Live grants of one subject at all clients together. Default null: no limit. With it every sign-in lists all grants of
   * the subject, and not only those at the client.
   */
  readonly maxPerSubject?: number | null | undefined
  /**
   * What happens at a limit. `end-oldest` (default): the grants that began first end, also where that is the one which
   * begins. `end-least-recently-used`: those whose latest refresh is the longest ago. `refuse`: the one that begins is
   * refused with `invalid_grant`, by the authorization endpoint with `access_denied`; it costs a second listing. Of
   * sign-ins at the same time the first two leave exactly as many as may be, the last never more.
   */
  readonly atLimit?: 'end-oldest' | 'end-least-recently-used' | 'refuse' | undefined
  /**
   * `offline_access`: only grants with that scope get a refresh token; a client gets it by asking for it, or where it is
   * registered for it. Default: every grant of a client with the grant type.
   */
  readonly require?: 'offline_access' | undefined
}

/**
 * A spent refresh token is refused as ever, and `grant.reuse_detected` is raised with `observed: true`; only the end of the
 * grant is left out. So an owner whose client makes mistakes stays signed in, and **a thief who used the token before its
 * owner stays in** as long: the owner is the one who is refused. Warned of at start (`OAUTH_RATCHET_OBSERVE_REUSE`). A code
 * that comes twice ends its grant all the same.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
 */
export interface ObserveReuseOptions {
  /** From then on reuse ends grants: a Date, or seconds since the epoch; at most 90 days ahead. */
  readonly until: Date | number
  /** The `client_id`s it is for. Default: all. One client's own: `reuse_observe_until` of its metadata. */
  readonly clients?: readonly string[] | undefined
}

export interface SessionOptions {
  /**
   * What is kept, sealed with the grant, for users who look at where they are signed in: `label`, the name that the
   * sign-in gives the device; `userAgent` and `remoteAddress`, of the sign-in and of the latest refresh. The latest ones
   * are written by the turn itself: no further storage call, and some 40 % more processor time, for the sealing. They are
   * personal data: keep what you show. Default: nothing.
   */
  readonly keep?: readonly SessionDetail[] | undefined
}

export type SessionDetail = 'label' | 'userAgent' | 'remoteAddress'

export interface AuthorizationCodeOptions {
  /** Seconds, at most 600 (RFC 6749 §4.1.2). Default 60. */
  readonly lifetime?: number | undefined
  /**
   * `always` (default): every client uses PKCE. `public`: only public clients must; a confidential client without
   * it is open to code injection (RFC 9700 §4.5).
   */
  readonly requirePkce?: 'always' | 'public' | undefined
}
