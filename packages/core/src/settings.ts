import { checkOptionNames } from './option-names.js'
import { isLoopbackHost } from './clients/redirect-uri.js'
import { ConfigurationError } from './errors.js'
import type { AuthorizationServerOptions } from './options.js'
import { isInstant, longestSeconds, millisecondsOf } from './seconds.js'
import type { Storage } from './storage/storage.js'

/** The options with defaults filled in, durations in milliseconds, and every value checked. No secret is among them. */
export interface Settings {
  readonly issuer: string
  readonly basePath: string
  readonly endpointUrl: (name: string) => string
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
  checkOptionNames(options)
  const issuer = checkIssuer(options.issuer)
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
  const scopes = checkScopes(options.scopes ?? [])
  if (refreshToken.require !== undefined && !scopes.has('offline_access')) {
    throw new ConfigurationError(
      'refreshToken.require',
      "refreshToken.require is 'offline_access', which scopes does not have: nobody would get a refresh token.",
    )
  }
  const { throttle = {} } = options

  return {
    issuer,
    basePath,
    endpointUrl: (name) => `${issuer.replace(/\/$/, '')}${basePath}/${name}`,
    realm: checkRealm(options.realm ?? issuer),
    scopes,
    accessTokenFormat: format,
    accessTokenLifetimeMs: millis('accessToken.lifetime', accessToken.lifetime ?? 900, 1, 86_400),
    audience,
    idleLifetimeMs: idle,
    absoluteLifetimeMs: absolute,
    reuseGraceMs: millis('refreshToken.reuseGrace', refreshToken.reuseGrace ?? 0, 0, 300),
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
    codeLifetimeMs: millis('authorizationCode.lifetime', authorizationCode.lifetime ?? 60, 1, 600),
    requirePkce,
    notBefore: instant(options.grantsNotBefore),
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
    now: wholeMilliseconds(options.now),
  }
}

// Storages keep whole milliseconds, and a clock of one's own may have fractions.
function wholeMilliseconds(now: (() => number) | undefined): () => number {
  return now === undefined ? Date.now : () => Math.floor(now())
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
  // It goes into headers and quoted strings as it is: what a file's last line break leaves is not part of a URL.
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(issuer)) {
    throw new ConfigurationError(
      'issuer.invalid',
      `issuer ${JSON.stringify(issuer)} has characters that a URL cannot have: spaces, line breaks, quotes, or letters outside ASCII.`,
    )
  }
  return issuer
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

function checkBasePath(basePath: unknown): string {
  if (typeof basePath !== 'string' || !/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw new ConfigurationError(
      'basePath.invalid',
      "basePath must be like '/oauth', without a slash at the end, or ''.",
    )
  }
  return basePath
}

/** @throws ConfigurationError for secrets that are missing, too short or none */
export function checkSecrets(secrets: unknown): Uint8Array[] {
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
  if (typeof scopes !== 'object' || scopes === null || Symbol.iterator in scopes !== Array.isArray(scopes)) {
    throw new ConfigurationError(
      'scopes.invalid',
      "scopes must be a list of names, or an object like { 'notes:read': 'what the consent page says' }.",
    )
  }
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
  return value === null ? null : millis(name, value ?? fallback, 1, longestSeconds)
}

function millis(name: string, seconds: unknown, least: number, most: number): number {
  return millisecondsOf(number(name, seconds, least, most))
}

function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new ConfigurationError(
      `${name}.range`,
      `${name} is ${shown(value)} and must be a number from ${least} to ${most}.`,
    )
  }
  return value
}

function integer(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(number(name, value, least, most))) {
    throw new ConfigurationError(`${name}.range`, `${name} is ${shown(value)} and must be a whole number.`)
  }
  return value as number
}

function instant(value: Date | number | undefined): number {
  if (value === undefined) return 0
  const seconds = value instanceof Date ? value.getTime() / 1000 : value
  if (!isInstant(seconds)) {
    throw new ConfigurationError(
      'grantsNotBefore.invalid',
      'grantsNotBefore must be a Date, or seconds since the epoch and not milliseconds.',
    )
  }
  return millisecondsOf(seconds)
}

/** With the quotes of a string: "10" is not 10. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
