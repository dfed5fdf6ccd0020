import { checkIssuer, ConfigurationError, mayUseHttp, wrongOptions } from '@oauth-ratchet/core'

/** Options of `createTokenVerifier`. Checked when it is made; nothing is fetched before the first token, or `ready()`. */
export interface TokenVerifierOptions {
  /** The authorization server, exactly as its metadata name it: https, or http for this machine. */
  readonly issuer: string
  /** What tokens must be for: one of these. Default: the issuer, as `accessToken.audience` of the server has it. */
  readonly audience?: string | readonly string[] | undefined
  /** For opaque tokens, and for JWTs with `checkGrant: true`. Default: JWTs alone are taken. */
  readonly introspection?: IntrospectionOptions | undefined
  /**
   * Where the server is asked, in place of what its metadata say: for a network in which it has another address than the
   * issuer's. With it no metadata are fetched, and the endpoint that is left out is not there.
   */
  readonly endpoints?: IssuerEndpoints | undefined
  /** Seconds that the clocks of both machines may differ, for the expiry of JWTs: 0 to 300. Default 10. */
  readonly clockTolerance?: number | undefined
  /** Seconds to wait for one answer of the server, 0.1 to 60. Default 2. */
  readonly timeout?: number | undefined
  /**
   * Hears why the server could not be asked. Called once for each request to it that failed, and for faults of the option
   * `user` of a guard. Default: to stderr, each distinct one once a minute, without secrets.
   */
  readonly onFailure?: ((error: unknown) => void) | undefined
  /** `private-network`: http on a private network is taken too, for development in containers. Default: https, or loopback. */
  readonly allowInsecureIssuer?: 'private-network' | undefined
  /** Sends the requests. Default: the global one. */
  readonly fetch?: typeof fetch | undefined
  /** The clock, in ms since the epoch. Default `Date.now`; for tests. */
  readonly now?: (() => number) | undefined
}

/** How tokens are asked about (RFC 7662). */
export interface IntrospectionOptions {
  /** A client with `may_introspect: 'any'`. It authenticates with HTTP Basic. */
  readonly clientId: string
  readonly clientSecret: string
  /**
   * Seconds for which an answer is believed without asking again, 0 to 30, and never past the token's expiry. A revocation
   * takes effect as much later. Default 5; 0: ask for every request.
   */
  readonly cacheFor?: number | undefined
  /** How many answers are kept at most; one of over 1,200 characters counts for several. Default 10,000. */
  readonly cacheSize?: number | undefined
}

export interface IssuerEndpoints {
  readonly jwks?: string | undefined
  readonly introspection?: string | undefined
}

export interface IntrospectionSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly cacheForMs: number
  readonly cacheSize: number
}

/** The options with all defaults; times in milliseconds. */
export interface VerifierSettings {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly introspection: IntrospectionSettings | undefined
  readonly endpoints: IssuerEndpoints | undefined
  readonly mayUseHttp: (url: URL) => boolean
  readonly clockToleranceMs: number
  readonly timeoutMs: number
  readonly fetch: typeof fetch
  readonly now: () => number
}

// Objects, so that the compiler tells of an option that is missing here.
const names: Record<keyof TokenVerifierOptions, true> = {
  issuer: true,
  audience: true,
  introspection: true,
  endpoints: true,
  clockTolerance: true,
  timeout: true,
  onFailure: true,
  allowInsecureIssuer: true,
  fetch: true,
  now: true,
}
const introspectionNames: Record<keyof IntrospectionOptions, true> = {
  clientId: true,
  clientSecret: true,
  cacheFor: true,
  cacheSize: true,
}
const endpointNames: Record<keyof IssuerEndpoints, true> = { jwks: true, introspection: true }

/** @throws ConfigurationError for the first option that cannot work */
export function verifierSettings(options: TokenVerifierOptions): VerifierSettings {
  checkNames('createTokenVerifier', options, names, {
    aud: 'audience',
    jwksuri: 'endpoints',
    metadata: 'endpoints',
  })
  const { allowInsecureIssuer, audience = options.issuer, introspection, endpoints } = options
  const issuer = checkIssuer(options.issuer, allowInsecureIssuer)
  const onPrivateNetworks = allowInsecureIssuer === 'private-network'
  const audiences = [audience].flat()
  if (audiences.length === 0 || !audiences.every(isText))
    throw wrong('audience', 'must be one or more non-empty strings.')
  const isEndpoint = (url: URL): boolean => url.protocol === 'https:' || mayUseHttp(url, onPrivateNetworks)
  for (const name of ['onFailure', 'fetch', 'now'] as const) {
    const value: unknown = options[name]
    if (value !== undefined && typeof value !== 'function') throw wrong(name, 'must be a function.')
  }
  return {
    issuer,
    audience: audiences,
    introspection: introspection && introspectionSettings(introspection),
    endpoints: endpoints && checkEndpoints(endpoints, isEndpoint),
    mayUseHttp: (url) => mayUseHttp(url, onPrivateNetworks),
    clockToleranceMs: seconds('clockTolerance', options.clockTolerance ?? 10, 0, 300),
    timeoutMs: seconds('timeout', options.timeout ?? 2, 0.1, 60),
    fetch: options.fetch ?? ((...parameters) => fetch(...parameters)),
    now: options.now ?? Date.now,
  }
}

function introspectionSettings(options: IntrospectionOptions): IntrospectionSettings {
  checkNames('createTokenVerifier: introspection', options, introspectionNames)
  const { clientId, clientSecret, cacheFor = 5, cacheSize = 10_000 } = options
  if (!isText(clientId)) throw wrong('introspection', 'needs the clientId of a client that may introspect.')
  // A variable that was never set, most of all.
  if (!isText(clientSecret)) throw wrong('introspection', 'needs the clientSecret of that client.')
  if (!Number.isInteger(cacheSize) || cacheSize < 1 || cacheSize > 1_000_000)
    throw wrong('introspection', 'cacheSize must be a whole number from 1 to 1,000,000.')
  return { clientId, clientSecret, cacheSize, cacheForMs: seconds('introspection.cacheFor', cacheFor, 0, 30) }
}

function checkEndpoints(endpoints: IssuerEndpoints, mayBeUsed: (url: URL) => boolean): IssuerEndpoints {
  checkNames('createTokenVerifier: endpoints', endpoints, endpointNames)
  for (const url of [endpoints.jwks, endpoints.introspection]) {
    if (url === undefined) continue
    if (!isText(url) || !URL.canParse(url) || !mayBeUsed(new URL(url)))
      throw wrong('endpoints', 'must be https URLs, or http ones of this machine.')
  }
  return endpoints
}

function checkNames(
  where: string,
  options: unknown,
  known: object,
  aliases?: Readonly<Record<string, string>>,
): void {
  const problem = wrongOptions(where, options, Object.keys(known), aliases)
  if (problem !== undefined) throw new ConfigurationError('verifier.unknown_option', problem)
}

function seconds(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value * 1000
  throw wrong(name, `must be a number of seconds from ${least} to ${most}.`)
}

function wrong(name: string, problem: string): ConfigurationError {
  return new ConfigurationError(`verifier.${name.split('.')[0]}`, `createTokenVerifier: ${name} ${problem}`)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
