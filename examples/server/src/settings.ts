import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { SettingError } from './setting-error.js'

/** The environment, checked. Lifetimes are in seconds. */
export interface ServerSettings {
  readonly host: string
  /** 0: the system chooses one. */
  readonly port: number
  /** Undefined: derived from host and port once the server listens. */
  readonly issuer: string | undefined
  /** Http is let onto private networks, for development in containers. */
  readonly allowInsecureIssuer: 'private-network' | undefined
  readonly storageUrl: string
  /** Where secrets are kept when they are not given: `data/` in the base folder. */
  readonly dataFolder: string
  /** What relative paths are relative to. */
  readonly baseFolder: string
  /** Undefined: made once and kept in the data folder. */
  readonly secrets: readonly string[] | undefined
  /** Undefined: the demo clients. */
  readonly clientsFile: string | undefined
  readonly accessTokenFormat: 'opaque' | 'jwt'
  readonly accessTokenLifetime: number
  readonly refreshIdleLifetime: number
  readonly refreshAbsoluteLifetime: number
  readonly reuseGrace: number
  readonly codeLifetime: number
  /** Who may read `/metrics`. Undefined: programs on this machine. */
  readonly metricsToken: string | undefined
  /** Where events are posted to, and what signs them. Undefined: nowhere. */
  readonly webhook: { readonly url: string; readonly secret: string } | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const longest = 10 * 365 * 86_400

/**
 * Reads the settings; a variable that is empty counts as not set.
 *
 * @throws SettingError for the first one that cannot work
 */
export function readSettings(environment: Environment, baseFolder: string): ServerSettings {
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim()
    return value === '' ? undefined : value
  }
  const whole = (name: string, fallback: number, least: number, most: number): number => {
    const value = text(name)
    if (value === undefined) return fallback
    if (!/^\d{1,15}$/.test(value) || Number(value) < least || Number(value) > most) {
      throw new SettingError(`${name} is "${value}" and must be a whole number from ${least} to ${most}.`)
    }
    return Number(value)
  }

  const absoluteLifetime = whole('REFRESH_ABSOLUTE_LIFETIME', 180 * 86_400, 1, longest)
  const clientsFile = text('CLIENTS_FILE')
  const issuer = text('ISSUER')
  const allowInsecureIssuer = readAllowInsecureIssuer(text('ALLOW_INSECURE_ISSUER'))
  const secrets = text('OAUTH_SECRETS')
  return {
    host: readHost(text('HOST') ?? '127.0.0.1'),
    port: whole('PORT', 3000, 0, 65_535),
    issuer: issuer === undefined ? undefined : readIssuer(issuer, allowInsecureIssuer !== undefined),
    allowInsecureIssuer,
    storageUrl: text('STORAGE_URL') ?? 'sqlite:data/oauth.sqlite',
    dataFolder: resolve(baseFolder, 'data'),
    baseFolder,
    secrets: secrets === undefined ? undefined : parseSecrets(secrets, 'OAUTH_SECRETS'),
    clientsFile: clientsFile === undefined ? undefined : resolve(baseFolder, clientsFile),
    accessTokenFormat: readFormat(text('ACCESS_TOKEN_FORMAT') ?? 'opaque'),
    accessTokenLifetime: whole('ACCESS_TOKEN_LIFETIME', 900, 1, 86_400),
    // A default that is longer than the absolute limit would be warned of, and nobody has set it.
    refreshIdleLifetime: whole('REFRESH_IDLE_LIFETIME', Math.min(30 * 86_400, absoluteLifetime), 1, longest),
    refreshAbsoluteLifetime: absoluteLifetime,
    reuseGrace: whole('REUSE_GRACE', 0, 0, 300),
    codeLifetime: whole('CODE_LIFETIME', 60, 1, 600),
    metricsToken: readMetricsToken(text('METRICS_TOKEN')),
    webhook: readWebhook(text('WEBHOOK_URL'), text('WEBHOOK_SECRET')),
  }
}

/**
 * Who the server says it is when nobody says so: where it listens.
 *
 * @throws SettingError when others than this machine can reach it, for they need https
 */
export function deriveIssuer(host: string, port: number): string {
  const name = isIP(host) === 6 ? `[${host}]` : host
  if (!isLoopback(host)) {
    throw new SettingError(
      `HOST is ${host}, which other machines can reach: set ISSUER to the https address that they use for this server.`,
    )
  }
  return `http://${name}:${port}`
}

/** Whether only programs on this machine can reach what listens on this host. */
export function isLoopback(host: string): boolean {
  return /^(.+\.)?localhost$/i.test(host) || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function readHost(host: string): string {
  const bare = /^\[(.+)\]$/.exec(host)?.[1] ?? host
  if (isIP(bare) === 0 && !/^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(bare)) {
    throw new SettingError(`HOST is "${host}" and must be an IP address or a host name.`)
  }
  return bare
}

function readAllowInsecureIssuer(value: string | undefined): 'private-network' | undefined {
  if (value === undefined || value === 'private-network') return value
  throw new SettingError(`ALLOW_INSECURE_ISSUER is "${value}" and must be private-network, or not set.`)
}

// The library checks it too, and which networks are private. The path is this server's own concern: it becomes a route.
function readIssuer(issuer: string, allowInsecure: boolean): string {
  if (!issuer.includes('://')) {
    throw new SettingError('ISSUER lacks a scheme: it must be a URL like https://auth.example.com.')
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new SettingError('ISSUER must be a URL like https://auth.example.com.')
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(issuer)) {
    throw new SettingError('ISSUER must have no user name, password, query or fragment.')
  }
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) {
    throw new SettingError(
      `ISSUER is ${issuer} and must use https: http is for loopback addresses only, and for development on a private ` +
        'network with ALLOW_INSECURE_ISSUER=private-network.',
    )
  }
  if (!/^(\/[\w.~-]+)*\/?$/.test(url.pathname)) {
    throw new SettingError(
      `The path of ISSUER is "${url.pathname}" and may have letters, digits and . _ ~ - only.`,
    )
  }
  return issuer
}

/**
 * Secrets separated by commas, the first of which signs.
 *
 * @param source where they come from, for the message
 * @throws SettingError for one that is too short to be safe
 */
export function parseSecrets(list: string, source: string): readonly string[] {
  const secrets = list.split(',').map((secret) => secret.trim())
  for (const [index, secret] of secrets.entries()) {
    const bytes = Buffer.byteLength(secret)
    if (bytes < 32) {
      throw new SettingError(
        `${source}: secret ${index + 1} has ${bytes} bytes and needs at least 32; make one with: openssl rand -base64 48`,
      )
    }
  }
  return secrets
}

function readMetricsToken(token: string | undefined): string | undefined {
  if (token !== undefined && !/^[\x21-\x7e]{16,}$/.test(token)) {
    throw new SettingError(
      'METRICS_TOKEN must be 16 characters or more, without spaces; make one with: openssl rand -hex 32',
    )
  }
  return token
}

// Events say who signed in where: they go through no network in clear, and the receiver can tell them from others'.
function readWebhook(url: string | undefined, secret: string | undefined): ServerSettings['webhook'] {
  if (url === undefined) return undefined
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const here = parsed?.protocol === 'http:' && isLoopback(parsed.hostname.replace(/^\[(.*)\]$/, '$1'))
  if (parsed === undefined || parsed.username !== '' || (parsed.protocol !== 'https:' && !here)) {
    throw new SettingError(
      'WEBHOOK_URL must be an https URL without user name, or an http one on this machine.',
    )
  }
  if (secret === undefined || Buffer.byteLength(secret) < 32) {
    throw new SettingError(
      'WEBHOOK_SECRET is missing or shorter than 32 bytes, and signs what is posted to WEBHOOK_URL; make one with: openssl rand -base64 48',
    )
  }
  return { url, secret }
}

function readFormat(format: string): 'opaque' | 'jwt' {
  if (format === 'opaque' || format === 'jwt') return format
  throw new SettingError(`ACCESS_TOKEN_FORMAT is "${format}" and must be opaque or jwt.`)
}
