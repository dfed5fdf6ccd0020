import { ConfigurationError } from '../faults/errors.js'
import { isOptions, wrongOptions } from './member-names.js'
import type {
  AccessTokenOptions,
  AuthorizationCodeOptions,
  AuthorizationServerOptions,
  RefreshTokenOptions,
} from './options.js'

// Objects, so that the compiler tells of an option that is missing here.
const names: Record<keyof AuthorizationServerOptions, true> = {
  issuer: true,
  basePath: true,
  secrets: true,
  storage: true,
  clients: true,
  scopes: true,
  unknownScopes: true,
  accessToken: true,
  refreshToken: true,
  authorizationCode: true,
  sessions: true,
  authenticateUser: true,
  isSubjectActive: true,
  realm: true,
  grantsNotBefore: true,
  maintenance: true,
  now: true,
  storageTimeout: true,
  callbackTimeout: true,
  sweepInterval: true,
  throttle: true,
  localhostAnyPort: true,
  allowInsecureIssuer: true,
}
const accessTokenNames: Record<keyof AccessTokenOptions, true> = {
  format: true,
  lifetime: true,
  audience: true,
  signingKeys: true,
  publishDerivedKeysUntil: true,
  claims: true,
}
const refreshTokenNames: Record<keyof RefreshTokenOptions, true> = {
  idleLifetime: true,
  absoluteLifetime: true,
  offline: true,
  reuseGrace: true,
  observeReuse: true,
  importToken: true,
  acceptAhead: true,
  maxPerSubjectAndClient: true,
  maxPerSubject: true,
  atLimit: true,
  require: true,
}
const authorizationCodeNames: Record<keyof AuthorizationCodeOptions, true> = {
  lifetime: true,
  requirePkce: true,
}

const aliases = {
  url: 'issuer',
  baseurl: 'issuer',
  store: 'storage',
  db: 'storage',
  keys: 'secrets',
  path: 'basePath',
  mountpath: 'basePath',
  ratelimit: 'throttle',
  clock: 'now',
  ttl: 'lifetime',
  expiresin: 'lifetime',
  limit: 'attempts',
  max: 'attempts',
  pkce: 'requirePkce',
}

/**
 * Refuses options that are no object, unknown names, and callbacks that cannot be called: a misspelt limit would limit
 * nothing.
 *
 * @throws ConfigurationError `options.invalid`, `options.unknown`, `callbacks.invalid`
 */
export function checkOptionNames(options: AuthorizationServerOptions): void {
  checkNames('createAuthorizationServer', options, names)
  const { accessToken, refreshToken, authorizationCode, sessions, throttle } = options
  if (accessToken !== undefined) checkNames('accessToken', accessToken, accessTokenNames)
  if (refreshToken !== undefined) checkNames('refreshToken', refreshToken, refreshTokenNames)
  if (refreshToken?.offline !== undefined) {
    checkNames('refreshToken.offline', refreshToken.offline, { idleLifetime: true, absoluteLifetime: true })
  }
  if (authorizationCode !== undefined) {
    checkNames('authorizationCode', authorizationCode, authorizationCodeNames)
  }
  if (sessions !== undefined) checkNames('sessions', sessions, { keep: true })
  if (throttle !== undefined && throttle !== false) {
    checkNames('throttle', throttle, { attempts: true, window: true })
  }
  const { authenticateUser, isSubjectActive, maintenance, now } = options
  const callbacks = {
    authenticateUser,
    isSubjectActive,
    maintenance,
    now,
    'accessToken.claims': accessToken?.claims,
  }
  for (const [name, callback] of Object.entries(callbacks)) {
    if (callback !== undefined && typeof callback !== 'function') {
      throw new ConfigurationError('callbacks.invalid', `${name} must be a function.`)
    }
  }
}

function checkNames(name: string, options: unknown, known: Readonly<Record<string, true>>): void {
  if (!isOptions(options)) {
    throw new ConfigurationError('options.invalid', `${name} wants an object of options.`)
  }
  const group = name === 'createAuthorizationServer' ? groupOf(options, known) : undefined
  const problem = group ?? wrongOptions(name, options, Object.keys(known), aliases)
  if (problem !== undefined) throw new ConfigurationError('options.unknown', problem)
}

/** The sentence for an option that stands beside its group. */
function groupOf(options: object, known: Readonly<Record<string, true>>): string | undefined {
  const groups = Object.entries({
    accessToken: accessTokenNames,
    refreshToken: refreshTokenNames,
    authorizationCode: authorizationCodeNames,
  })
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const found = groups.filter(([, members]) => Object.hasOwn(members, name)).map(([group]) => group)
    if (found.length > 0)
      return `createAuthorizationServer has no option "${name}". It belongs into ${found.join(' or ')}.`
  }
  return undefined
}
