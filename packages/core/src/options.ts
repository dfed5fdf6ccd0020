import type { JWK } from 'jose'
import type { Grant, SignIn } from './grants.js'
import type { ClientMetadata } from './clients/client.js'
import { isLoopbackHost } from './clients/redirect-uri.js'
import { ConfigurationError } from './errors.js'
import type { Storage } from './storage/storage.js'

/** Options of `createAuthorizationServer`. Checked when the server is made, never at the first request. */
export interface AuthorizationServerOptions {
  /**
   * Who this server says it is: an https URL without query or fragment (http only on a loopback address). Written
   * into metadata, tokens and redirects exactly as given, and never taken from a `Host` header.
   *
   * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
   */
  readonly issuer: string
  /** Where the endpoints are seen from outside, below the issuer. Default `/oauth`. */
  readonly basePath?: string
  /**
   * `[current, ...older]`, each at least 32 bytes of a random source. The first signs and seals, all verify and
   * open. To rotate without ending sessions: put the new one last, deploy; put it first, deploy; drop the old one
   * no sooner than the longest idle lifetime later. Whoever has a secret and the database can make tokens.
   */
  readonly secrets: readonly (string | Uint8Array | undefined)[]
  /** Where grants live. */
  readonly storage: Storage
  /**
   * The clients, or a function that finds one by `client_id` (undefined: there is none). The function is asked on
   * every request, so keep it fast; its faults are a 503.
   */
  readonly clients: readonly ClientMetadata[] | ClientLookup
  /** All scopes there are: a list, or names with the words that the consent page uses for them. */
  readonly scopes?: readonly string[] | Readonly<Record<string, string>>
  readonly accessToken?: AccessTokenOptions
  readonly refreshToken?: RefreshTokenOptions
  readonly authorizationCode?: AuthorizationCodeOptions
  /**
   * Checks a password; undefined or null when it is wrong. Only with it is there a password grant, which OAuth 2.1
   * has removed: every client that uses it sees your users' passwords. Prefer a login route and `grants.issue`.
   */
  readonly authenticateUser?: (
    username: string,
    password: string,
  ) => Promise<SignIn | null | undefined> | SignIn | null | undefined
  /**
   * Asked at every refresh and redemption: false ends the grant. Costs a second storage call per refresh, since
   * what can be refused is refused before the ratchet turns.
   */
  readonly isSubjectActive?: (subject: string) => Promise<boolean> | boolean
  /**
   * Separates servers that share a store and secrets: keys and hashes are derived for it. Default: the issuer. Set
   * it to the old issuer when the issuer moves, or every session ends.
   */
  readonly realm?: string
  /** Grants made before this are over: a Date, or seconds since the epoch. Default: none are. */
  readonly grantsNotBefore?: Date | number
  /** The clock, in ms since the epoch. Default `Date.now`; for tests. */
  readonly now?: () => number
  /** Seconds to wait for one storage call. Default 2. Longer waits keep requests hanging in an outage. */
  readonly storageTimeout?: number
  /** Seconds to wait for one of the callbacks above. Default 5. */
  readonly callbackTimeout?: number
  /** Seconds between sweeps of expired records, for storages that do not expire by themselves. Default 60; 0: never. */
  readonly sweepInterval?: number
  /**
   * Failed attempts per client (or user) and address before the answer is a 429. Default 10 in 60 seconds; false
   * takes guessing limits away, which is right only where something in front keeps them.
   */
  readonly throttle?: { readonly attempts?: number; readonly window?: number } | false
  /**
   * Lets the port of `http://localhost` redirect URIs vary as it may for loopback IP addresses. Default false: the
   * name can be made to resolve elsewhere (RFC 8252 §8.3).
   */
  readonly localhostAnyPort?: boolean
}

export type ClientLookup = (
  clientId: string,
) => Promise<ClientMetadata | null | undefined> | ClientMetadata | null | undefined

export interface AccessTokenOptions {
  /**
   * `opaque` (default): checked here, so a revocation bites at once. `jwt` (RFC 9068): can be checked anywhere
   * through the JWKS, where a revocation bites only when the token expires. Both are accepted, whichever is issued.
   */
  readonly format?: 'opaque' | 'jwt'
  /** Seconds. Default 900. */
  readonly lifetime?: number
  /** The resource servers that tokens are for. Default: the issuer. */
  readonly audience?: string | readonly string[]
  /**
   * Private JWKs that sign, the first one now, the others still published so that their tokens go on. Default: an
   * ES256 key derived from each secret, so that every process has the same and none is stored.
   */
  readonly signingKeys?: readonly JWK[]
  /**
   * Claims of the app's own: asked for each JWT issued, and for opaque tokens at introspection and in
   * `requireToken`. Names that RFC 9068 defines are refused. Costs a second storage call per refresh.
   */
  readonly claims?: (grant: Grant) => Promise<Record<string, unknown>> | Record<string, unknown>
}

export interface RefreshTokenOptions {
  /** Seconds without a refresh after which the grant ends; null: no such limit. Default 30 days. */
  readonly idleLifetime?: number | null
  /** Seconds after consent at which the grant ends whatever happens; null: no such limit. Default 180 days. Not both null. */
  readonly absoluteLifetime?: number | null
  /**
   * Seconds during which the refresh token before is answered with the same successor. Default 0: one use,
   * strictly. A few seconds (10) forgive lost answers and second tabs, and give a thief who replays within them a
   * working token until the next refresh of either side, which ends the grant.
   */
  readonly reuseGrace?: number
  /**
   * Generations that a genuine token may be ahead of the store, after a failover that lost writes. Default 0.
   * Within them the tag alone is trusted, and a revocation that the failover lost is lost.
   */
  readonly acceptAhead?: number
  /** Live grants of one subject and client; the oldest ends when one more begins. Default 50; null: no limit. */
  readonly maxPerSubjectAndClient?: number | null
  /** `offline_access`: only grants with that scope get a refresh token. Default: every grant of a client with the grant type. */
  readonly require?: 'offline_access'
}

export interface AuthorizationCodeOptions {
  /** Seconds, at most 600 (RFC 6749 §4.1.2). Default 60. */
  readonly lifetime?: number
  /**
   * `always` (default): every client uses PKCE. `public`: only public clients must; a confidential client without
   * it is open to code injection (RFC 9700 §4.5).
   */
  readonly requirePkce?: 'always' | 'public'
}

/** The options with defaults filled in, durations in milliseconds, and every value checked. */
export interface Settings {
  readonly issuer: string
  readonly basePath: string
  readonly endpointUrl: (name: string) => string
  readonly secrets: readonly Uint8Array[]
  readonly realm: string
  readonly scopes: ReadonlyMap<string, string | undefined>
  readonly accessTokenFormat: 'opaque' | 'jwt'
  readonly accessTokenLifetimeMs: number
  readonly audience: readonly string[]
  readonly idleLifetimeMs: number | null
  readonly absoluteLifetimeMs: number | null
  readonly reuseGraceMs: number
  readonly acceptAhead: number
  readonly maxPerSubjectAndClient: number | null
  readonly requireOfflineAccess: boolean
  readonly codeLifetimeMs: number
  readonly requirePkce: 'always' | 'public'
  readonly notBefore: number
  readonly storageTimeoutMs: number
  readonly callbackTimeoutMs: number
  readonly sweepIntervalMs: number
  readonly throttle: { readonly attempts: number; readonly windowMs: number } | undefined
  readonly localhostAnyPort: boolean
  readonly now: () => number
}

/** @throws ConfigurationError for the first setting that cannot work */
export function settingsOf(options: AuthorizationServerOptions): Settings {
  const issuer = checkIssuer(options.issuer)
  const basePath = checkBasePath(options.basePath ?? '/oauth')
  if (typeof (options.storage as Storage | undefined)?.grants?.turn !== 'function') {
    throw new ConfigurationError(
      'storage.missing',
      'storage is missing: hand in a storage, e.g. new MemoryStorage().',
    )
  }
  const { accessToken = {}, refreshToken = {}, authorizationCode = {} } = options

  const format = accessToken.format ?? 'opaque'
  if (format !== 'opaque' && format !== 'jwt') {
    throw new ConfigurationError('accessToken.format', "accessToken.format must be 'opaque' or 'jwt'.")
  }
  const idle = lifetime('refreshToken.idleLifetime', refreshToken.idleLifetime, 30 * 86_400)
  const absolute = lifetime('refreshToken.absoluteLifetime', refreshToken.absoluteLifetime, 180 * 86_400)
  if (idle === null && absolute === null) {
    throw new ConfigurationError(
      'refreshToken.unlimited',
      'refreshToken.idleLifetime and absoluteLifetime are both null: a grant must end some day (RFC 9700 §4.14).',
    )
  }
  if (refreshToken.require !== undefined && refreshToken.require !== 'offline_access') {
    throw new ConfigurationError('refreshToken.require', "refreshToken.require can be 'offline_access' only.")
  }
  const requirePkce = authorizationCode.requirePkce ?? 'always'
  if (requirePkce !== 'always' && requirePkce !== 'public') {
    throw new ConfigurationError(
      'authorizationCode.requirePkce',
      "authorizationCode.requirePkce must be 'always' or 'public'.",
    )
  }
  const audience = [accessToken.audience ?? issuer].flat()
  if (audience.length === 0 || audience.some((value) => typeof value !== 'string' || value === '')) {
    throw new ConfigurationError(
      'accessToken.audience',
      'accessToken.audience must be one or more non-empty strings.',
    )
  }
  const { throttle = {} } = options

  return {
    issuer,
    basePath,
    endpointUrl: (name) => `${issuer.replace(/\/$/, '')}${basePath}/${name}`,
    secrets: checkSecrets(options.secrets),
    realm: options.realm ?? issuer,
    scopes: checkScopes(options.scopes ?? []),
    accessTokenFormat: format,
    accessTokenLifetimeMs: number('accessToken.lifetime', accessToken.lifetime ?? 900, 1, 86_400) * 1000,
    audience,
    idleLifetimeMs: idle,
    absoluteLifetimeMs: absolute,
    reuseGraceMs: number('refreshToken.reuseGrace', refreshToken.reuseGrace ?? 0, 0, 300) * 1000,
    acceptAhead: integer('refreshToken.acceptAhead', refreshToken.acceptAhead ?? 0, 0, 100),
    maxPerSubjectAndClient:
      refreshToken.maxPerSubjectAndClient === null
        ? null
        : integer(
            'refreshToken.maxPerSubjectAndClient',
            refreshToken.maxPerSubjectAndClient ?? 50,
            1,
            100_000,
          ),
    requireOfflineAccess: refreshToken.require === 'offline_access',
    codeLifetimeMs: number('authorizationCode.lifetime', authorizationCode.lifetime ?? 60, 1, 600) * 1000,
    requirePkce,
    notBefore: instant(options.grantsNotBefore),
    storageTimeoutMs: number('storageTimeout', options.storageTimeout ?? 2, 0.01, 300) * 1000,
    callbackTimeoutMs: number('callbackTimeout', options.callbackTimeout ?? 5, 0.01, 300) * 1000,
    sweepIntervalMs: number('sweepInterval', options.sweepInterval ?? 60, 0, 86_400) * 1000,
    throttle:
      throttle === false
        ? undefined
        : {
            attempts: integer('throttle.attempts', throttle.attempts ?? 10, 1, 1_000_000),
            windowMs: number('throttle.window', throttle.window ?? 60, 1, 86_400) * 1000,
          },
    localhostAnyPort: options.localhostAnyPort === true,
    now: options.now ?? Date.now,
  }
}

function checkIssuer(issuer: unknown): string {
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) {
    throw new ConfigurationError(
      'issuer.invalid',
      'issuer must be an absolute URL like https://auth.example.com.',
    )
  }
  const url = new URL(issuer)
  if (/[?#]/.test(issuer) || url.username !== '' || url.password !== '') {
    throw new ConfigurationError(
      'issuer.invalid',
      'issuer must have no query, fragment or user information (RFC 8414 §2).',
    )
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    throw new ConfigurationError(
      'issuer.insecure',
      `issuer ${issuer} must use https: tokens and codes would cross the network readable. http is for loopback addresses only.`,
    )
  }
  return issuer
}

function checkBasePath(basePath: unknown): string {
  if (typeof basePath !== 'string' || !/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw new ConfigurationError(
      'basePath.invalid',
      "basePath must be like '/oauth', without a slash at the end, or ''.",
    )
  }
  return basePath
}

function checkSecrets(secrets: unknown): Uint8Array[] {
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new ConfigurationError(
      'secrets.missing',
      'secrets must be a list of at least one secret of 32 random bytes.',
    )
  }
  return secrets.map((secret: unknown, index) => {
    if (secret === undefined || secret === null || secret === '') {
      throw new ConfigurationError(
        'secrets.missing',
        `secrets[${index}] is ${secret === '' ? 'empty' : String(secret)}: is the environment variable set? ` +
          'Make one with: openssl rand -base64 48',
      )
    }
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
    if (!(bytes instanceof Uint8Array)) {
      throw new ConfigurationError('secrets.invalid', `secrets[${index}] must be a string or bytes.`)
    }
    if (bytes.length < 32) {
      throw new ConfigurationError(
        'secrets.short',
        `secrets[${index}] has ${bytes.length} bytes and needs at least 32. Make one with: openssl rand -base64 48`,
      )
    }
    return bytes
  })
}

function checkScopes(
  scopes: readonly string[] | Readonly<Record<string, string>>,
): ReadonlyMap<string, string | undefined> {
  const entries: [string, string | undefined][] = Array.isArray(scopes)
    ? (scopes as readonly string[]).map((name) => [name, undefined])
    : Object.entries(scopes as Readonly<Record<string, string>>)
  for (const [name] of entries) {
    // scope-token of RFC 6749 §3.3
    if (typeof name !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name)) {
      throw new ConfigurationError(
        'scopes.invalid',
        `scopes has ${JSON.stringify(name)}, which is no scope name (RFC 6749 §3.3).`,
      )
    }
  }
  return new Map(entries)
}

function lifetime(name: string, value: number | null | undefined, fallback: number): number | null {
  return value === null ? null : number(name, value ?? fallback, 1, 100 * 365 * 86_400) * 1000
}

function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new ConfigurationError(
      `${name}.range`,
      `${name} is ${String(value)} and must be a number from ${least} to ${most}.`,
    )
  }
  return value
}

function integer(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(number(name, value, least, most))) {
    throw new ConfigurationError(`${name}.range`, `${name} is ${String(value)} and must be a whole number.`)
  }
  return value as number
}

function instant(value: Date | number | undefined): number {
  if (value === undefined) return 0
  const ms = value instanceof Date ? value.getTime() : value * 1000
  if (!Number.isFinite(ms)) {
    throw new ConfigurationError(
      'grantsNotBefore.invalid',
      'grantsNotBefore must be a Date or seconds since the epoch.',
    )
  }
  return ms
}
