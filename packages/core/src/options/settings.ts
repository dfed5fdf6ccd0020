import { ConfigurationError } from '../faults/errors.js'
import type { Storage } from '../storage/storage.js'
import { checkImportToken } from './import-token.js'
import type { ImportSettings } from './import-token.js'
import { checkBasePath, checkIssuer, warnOfInsecureIssuer } from './issuer.js'
import { instant, integer, lifetime, millis, mostGrants } from './numbers.js'
import { checkObserveReuse } from './observe-reuse.js'
import { checkOptionNames } from './option-names.js'
import type { AuthorizationServerOptions, SessionDetail, SessionOptions } from './options.js'
import { checkScopes } from './scopes.js'

/** The options with defaults filled in, durations in milliseconds, and every value checked. No secret is among them. */
export interface Settings {
  readonly issuer: string
  readonly basePath: string
  readonly endpointUrl: (name: string) => string
  readonly realm: string
  readonly scopes: ReadonlyMap<string, string | undefined>
  readonly unknownScopes: 'refuse' | 'ignore'
  readonly accessTokenFormat: 'opaque' | 'jwt'
  readonly accessTokenLifetimeMs: number
  /** Milliseconds since the epoch; 0: never. */
  readonly publishDerivedKeysUntil: number
  readonly audience: readonly string[]
  readonly idleLifetimeMs: number | null
  readonly absoluteLifetimeMs: number | null
  /** The lifetimes of grants with `offline_access`; undefined: the same. */
  readonly offline:
    { readonly idleLifetimeMs: number | null; readonly absoluteLifetimeMs: number | null } | undefined
  readonly reuseGraceMs: number
  /** That of clients whose refresh token is in a cookie: 10 s where the option is left out. */
  readonly cookieReuseGraceMs: number
  /** Until when reuse of a client's refresh tokens is only observed, in ms since the epoch; 0: it never is. */
  readonly observeReuse: (clientId: string) => number
  /** Whose foreign refresh tokens are imported; undefined: nobody's. */
  readonly importToken: ImportSettings | undefined
  readonly acceptAhead: number
  readonly maxPerSubjectAndClient: number | null
  readonly maxPerSubject: number | null
  readonly atLimit: 'end-oldest' | 'end-least-recently-used' | 'refuse'
  readonly requireOfflineAccess: boolean
  readonly codeLifetimeMs: number
  readonly requirePkce: 'always' | 'public'
  /** What is kept of where users sign in and are active. */
  readonly keep: ReadonlySet<SessionDetail>
  readonly notBefore: number
  readonly storageTimeoutMs: number
  readonly callbackTimeoutMs: number
  readonly sweepIntervalMs: number
  readonly throttle: { readonly attempts: number; readonly windowMs: number } | undefined
  readonly localhostAnyPort: boolean
  /** Redirect URIs may be http on a private network, as the issuer may. */
  readonly insecureRedirectUris: boolean
  /** Whether there is a password grant. */
  readonly offersPassword: boolean
  readonly now: () => number
}

const atLimits = ['end-oldest', 'end-least-recently-used', 'refuse']

/** @throws ConfigurationError for the first setting that cannot work */
export function settingsOf(options: AuthorizationServerOptions): Settings {
  checkOptionNames(options)
  const issuer = checkIssuer(options.issuer, options.allowInsecureIssuer)
  // With an https issuer the option allows nothing: what development needs is not carried into production.
  const insecure = options.allowInsecureIssuer !== undefined && new URL(issuer).protocol === 'http:'
  if (insecure) warnOfInsecureIssuer(issuer)
  const basePath = checkBasePath(options.basePath ?? '/oauth')
  if (!isStorage(options.storage)) {
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
  const { idleLifetime = 30 * 86_400, absoluteLifetime = 180 * 86_400, offline } = refreshToken
  const limits = {
    idleLifetimeMs: lifetime('refreshToken.idleLifetime', idleLifetime),
    absoluteLifetimeMs: lifetime('refreshToken.absoluteLifetime', absoluteLifetime),
  }
  if (isUnlimited(limits)) throw new ConfigurationError('refreshToken.unlimited', unlimited('refreshToken'))
  warnOfIdleLifetime('refreshToken', refreshToken.idleLifetime, limits.absoluteLifetimeMs)
  // What is left out, or there and undefined, is as for all grants.
  const { idleLifetime: offlineIdle = idleLifetime, absoluteLifetime: offlineAbsolute = absoluteLifetime } =
    offline ?? {}
  const offlineLimits = offline && {
    idleLifetimeMs: lifetime('refreshToken.offline.idleLifetime', offlineIdle),
    absoluteLifetimeMs: lifetime('refreshToken.offline.absoluteLifetime', offlineAbsolute),
  }
  if (offlineLimits !== undefined) {
    if (isUnlimited(offlineLimits))
      throw new ConfigurationError('refreshToken.offline.unlimited', unlimited('refreshToken.offline'))
    warnOfIdleLifetime('refreshToken.offline', offline?.idleLifetime, offlineLimits.absoluteLifetimeMs)
  }
  if (refreshToken.require !== undefined && refreshToken.require !== 'offline_access') {
    throw new ConfigurationError('refreshToken.require', "refreshToken.require can be 'offline_access' only.")
  }
  const { maxPerSubjectAndClient = 50, maxPerSubject = null, atLimit = 'end-oldest' } = refreshToken
  if (!atLimits.includes(atLimit)) {
    throw new ConfigurationError(
      'refreshToken.atLimit',
      `refreshToken.atLimit must be one of ${atLimits.join(', ')}.`,
    )
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
  const scopes = checkScopes(options.scopes ?? [])
  const unknownScopes = options.unknownScopes ?? 'refuse'
  if (unknownScopes !== 'refuse' && unknownScopes !== 'ignore') {
    throw new ConfigurationError('unknownScopes.invalid', "unknownScopes must be 'refuse' or 'ignore'.")
  }
  const { throttle = {} } = options
  const now = wholeMilliseconds(options.now)

  return {
    issuer,
    basePath,
    endpointUrl: (name) => `${issuer.replace(/\/$/, '')}${basePath}/${name}`,
    realm: checkRealm(options.realm ?? issuer),
    scopes,
    unknownScopes,
    accessTokenFormat: format,
    accessTokenLifetimeMs: millis('accessToken.lifetime', accessToken.lifetime ?? 900, 1, 86_400),
    publishDerivedKeysUntil: instant(
      'accessToken.publishDerivedKeysUntil',
      accessToken.publishDerivedKeysUntil,
    ),
    audience,
    ...limits,
    offline: offlineLimits,
    cookieReuseGraceMs: millis('refreshToken.reuseGrace', refreshToken.reuseGrace ?? 10, 0, 300),
    reuseGraceMs: millis('refreshToken.reuseGrace', refreshToken.reuseGrace ?? 0, 0, 300),
    observeReuse: checkObserveReuse(refreshToken.observeReuse, now()),
    importToken: checkImportToken(refreshToken.importToken, now()),
    acceptAhead: integer('refreshToken.acceptAhead', refreshToken.acceptAhead ?? 0, 0, 100),
    maxPerSubjectAndClient:
      maxPerSubjectAndClient === null
        ? null
        : integer('refreshToken.maxPerSubjectAndClient', maxPerSubjectAndClient, 1, mostGrants),
    maxPerSubject:
      maxPerSubject === null ? null : integer('refreshToken.maxPerSubject', maxPerSubject, 1, mostGrants),
    atLimit,
    requireOfflineAccess: refreshToken.require === 'offline_access',
    codeLifetimeMs: millis('authorizationCode.lifetime', authorizationCode.lifetime ?? 60, 1, 600),
    requirePkce,
    keep: checkKeep(options.sessions),
    notBefore: instant('grantsNotBefore', options.grantsNotBefore),
    storageTimeoutMs: millis('storageTimeout', options.storageTimeout ?? 2, 0.01, 300),
    callbackTimeoutMs: millis('callbackTimeout', options.callbackTimeout ?? 5, 0.01, 300),
    sweepIntervalMs: millis('sweepInterval', options.sweepInterval ?? 60, 0, 86_400),
    throttle:
      throttle === false
        ? undefined
        : {
            attempts: integer('throttle.attempts', throttle.attempts ?? 10, 1, 1_000_000),
            windowMs: millis('throttle.window', throttle.window ?? 60, 1, 86_400),
          },
    localhostAnyPort: options.localhostAnyPort === true,
    insecureRedirectUris: insecure,
    offersPassword: options.authenticateUser !== undefined,
    now,
  }
}

const details: readonly SessionDetail[] = ['label', 'userAgent', 'remoteAddress']

function checkKeep({ keep = [] }: SessionOptions = {}): ReadonlySet<SessionDetail> {
  if (Array.isArray(keep) && keep.every((name) => details.includes(name as SessionDetail)))
    return new Set(keep)
  throw new ConfigurationError(
    'sessions.keep',
    `sessions.keep must be a list with any of ${details.map((name) => `'${name}'`).join(', ')}.`,
  )
}

function isUnlimited(limits: { idleLifetimeMs: number | null; absoluteLifetimeMs: number | null }): boolean {
  return limits.idleLifetimeMs === null && limits.absoluteLifetimeMs === null
}

function unlimited(name: string): string {
  return `${name}.idleLifetime and absoluteLifetime are both null: a grant must end some day (RFC 9700 §4.14).`
}

// A default that is longer than the limit somebody has set is no mistake of theirs.
function warnOfIdleLifetime(name: string, given: number | null | undefined, absoluteMs: number | null): void {
  if (given === undefined || given === null || absoluteMs === null || given * 1000 <= absoluteMs) return
  process.emitWarning(
    `${name}.idleLifetime is ${given} seconds, longer than absoluteLifetime with ${absoluteMs / 1000}, so that it ends ` +
      'no grant. Both are in seconds; idleLifetime: null says that there is no such limit.',
    { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_IDLE_LIFETIME' },
  )
}

// Storages keep whole milliseconds, and a clock of one's own may have fractions.
function wholeMilliseconds(now: (() => number) | undefined): () => number {
  return now === undefined ? Date.now : () => Math.floor(now())
}

function checkRealm(realm: unknown): string {
  if (typeof realm === 'string' && realm !== '') return realm
  throw new ConfigurationError('realm.invalid', 'realm must be a non-empty string.')
}

function isStorage(storage: unknown): storage is Storage {
  const candidate = (storage ?? {}) as Partial<Storage>
  const { grants, values, clients } = candidate
  return (
    typeof grants?.turn === 'function' &&
    typeof values?.mark === 'function' &&
    typeof clients?.find === 'function' &&
    typeof candidate.init === 'function'
  )
}
