import { createAuthorizationServer, isLoopbackHost } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'

import { reasonOf } from '../configuration/open-storage.js'
import { checkClients } from './check-clients.js'
import { found, ok, orOk } from './finding.js'
import type { Finding } from './finding.js'
import { warningsDuring } from '../configuration/warnings-during.js'

const DAY = 86_400

type Options = AuthorizationServerOptions

/**
 * Checks a configuration against RFC 9700 (Best Current Practice for OAuth 2.0 Security), clause by clause, and whether
 * it works: the server is made and its storage asked. Nothing is written, but that a storage brings its schema up.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700
 */
export async function checkConfiguration(options: Partial<Options>): Promise<readonly Finding[]> {
  const { result: made, warnings } = await warningsDuring(() => makeServer(options))
  if ('failure' in made) return [made.failure]
  const { server } = made
  const complete = options as Options
  const { settings } = server
  return [
    ok('configuration', 'The server can be made of it.'),
    ...checkWarnings(warnings),
    await checkStorage(server, complete),
    checkHttps(settings),
    ...checkClients(complete),
    checkPkce(settings),
    checkPassword(settings),
    ...checkRefreshTokens(settings),
    ...checkAccessTokens(complete, settings),
    checkThrottle(settings),
    checkSenderConstraint(),
  ]
}

async function makeServer(
  options: Partial<Options>,
): Promise<{ readonly server: AuthorizationServer } | { readonly failure: Finding }> {
  try {
    const server = createAuthorizationServer({ ...(options as Options), sweepInterval: 0 })
    server.on('request.failed', () => {})
    return { server }
  } catch (error) {
    // Another error is not one of our checks: it may quote what it was given.
    const { name, code } = error as { readonly name?: unknown; readonly code?: unknown }
    const reason =
      name === 'ConfigurationError' ? `${reasonOf(error)} (${String(code)})` : 'something in it throws'
    return {
      failure: found(
        'error',
        'configuration',
        `createAuthorizationServer refuses it: ${reason}.`,
        'See docs/configuration-errors.md.',
      ),
    }
  }
}

/** Warnings that the server gives at its start are findings too. */
function checkWarnings(warnings: readonly (Error & { readonly code?: string })[]): readonly Finding[] {
  return warnings.map(({ code = 'warning', message }) =>
    found('warning', code.toLowerCase().replaceAll('_', '-'), message),
  )
}

async function checkStorage(server: AuthorizationServer, { storage }: Options): Promise<Finding> {
  if (storage.constructor.name === 'MemoryStorage') {
    return found(
      'error',
      'storage',
      'The storage is in memory: every session, and every revocation, ends with the process.',
      'Use SqliteStorage, RedisStorage or MongooseStorage.',
    )
  }
  try {
    await server.ready()
    await server.ping()
    return ok('storage', 'The storage answers.')
  } catch (error) {
    return found('error', 'storage', `The storage does not answer: ${reasonOf(error)}.`)
  }
}

function checkHttps({ issuer }: AuthorizationServer['settings']): Finding {
  const code = 'RFC9700-2.6-https'
  const { protocol, hostname } = new URL(issuer)
  if (protocol === 'https:') return ok(code, 'The issuer is https.')
  return isLoopbackHost(hostname)
    ? found(
        'warning',
        code,
        `The issuer is ${issuer}, which only this machine can use.`,
        'Right for development only.',
      )
    : found(
        'error',
        code,
        `The issuer is ${issuer}: tokens cross the network readable.`,
        'Use https, and drop allowInsecureIssuer.',
      )
}

function checkPkce({ requirePkce }: AuthorizationServer['settings']): Finding {
  const code = 'RFC9700-2.1.1-pkce'
  return requirePkce === 'always'
    ? ok(code, 'Every client must use PKCE, with S256.')
    : found(
        'warning',
        code,
        'Confidential clients may leave PKCE out: an authorization code that is injected into their callback works (§4.5).',
        "Leave authorizationCode.requirePkce at 'always'.",
      )
}

function checkPassword({ offersPassword }: AuthorizationServer['settings']): Finding {
  const code = 'RFC9700-2.4-password'
  return offersPassword
    ? found(
        'error',
        code,
        'authenticateUser offers the password grant, which MUST NOT be used: clients see the passwords of users.',
        'Drop it; sign users in at the authorization endpoint, or on a login route with grants.issue.',
      )
    : ok(code, 'There is no password grant.')
}

function checkRefreshTokens(settings: AuthorizationServer['settings']): readonly Finding[] {
  const { idleLifetimeMs, absoluteLifetimeMs, reuseGraceMs, acceptAhead } = settings
  const rotation = 'RFC9700-4.14.2-rotation'
  const expiry = 'RFC9700-4.14.2-expiry'
  const findings: Finding[] = []
  if (reuseGraceMs > 60_000) {
    findings.push(
      found(
        'warning',
        rotation,
        `refreshToken.reuseGrace is ${reuseGraceMs / 1000} s: as long a stolen refresh token works beside the owner's.`,
        'Some 10 s forgive lost answers and second tabs; an Idempotency-Key does so without any.',
      ),
    )
  } else if (reuseGraceMs > 0) {
    findings.push(
      found(
        'note',
        rotation,
        `refreshToken.reuseGrace is ${reuseGraceMs / 1000} s: as long a repeat is no reuse.`,
      ),
    )
  }
  if (acceptAhead > 0) {
    findings.push(
      found(
        'note',
        rotation,
        `refreshToken.acceptAhead is ${acceptAhead}: a revocation that a failover loses is lost.`,
        'Right only with a storage that can lose answered writes.',
      ),
    )
  }
  const limits: Finding[] = []
  if (idleLifetimeMs === null || idleLifetimeMs > 180 * DAY * 1000) {
    limits.push(
      found(
        'warning',
        expiry,
        'Refresh tokens that nobody uses stay good for more than 180 days; they SHOULD expire.',
        'Set refreshToken.idleLifetime; the default is 30 days.',
      ),
    )
  }
  if (absoluteLifetimeMs === null) {
    limits.push(
      found('note', expiry, 'A session that is used goes on for ever: there is no absoluteLifetime.'),
    )
  }
  return [
    ...orOk(findings, rotation, 'Refresh tokens rotate at every use, and reuse ends the grant.'),
    ...orOk(limits, expiry, 'Refresh tokens expire, by inactivity and whatever happens.'),
  ]
}

function checkAccessTokens(options: Options, settings: AuthorizationServer['settings']): readonly Finding[] {
  const lifetime = 'RFC9700-4.10-access-token-lifetime'
  const audience = 'RFC9700-2.3-audience'
  const seconds = settings.accessTokenLifetimeMs / 1000
  const jwt = settings.accessTokenFormat === 'jwt'
  const most = jwt ? 900 : 3600
  return [
    seconds > most
      ? found(
          'warning',
          lifetime,
          `Access tokens live ${seconds} s; as long a stolen one works${jwt ? ', even when the session has ended' : ''}.`,
          `Set accessToken.lifetime to ${most} or less.`,
        )
      : ok(lifetime, `Access tokens live ${seconds} s.`),
    options.accessToken?.audience === undefined
      ? found(
          'note',
          audience,
          'Access tokens are for the issuer itself: right where it is the only resource server.',
          'Name the APIs in accessToken.audience, and have each check it.',
        )
      : ok(audience, `Access tokens are for ${settings.audience.length} named resource servers.`),
  ]
}

function checkThrottle({ throttle }: AuthorizationServer['settings']): Finding {
  const code = 'RFC6749-2.3.1-throttle'
  return throttle === undefined
    ? found(
        'warning',
        code,
        'throttle is false: guesses at client secrets and passwords are not stopped here, and MUST be somewhere.',
        'Leave it on, unless something in front keeps the limits.',
      )
    : ok(code, 'Guesses at client secrets and passwords are throttled.')
}

function checkSenderConstraint(): Finding {
  return found(
    'note',
    'RFC9700-2.2.1-sender-constraint',
    'Access tokens are bearer tokens: whoever has one can use it until it expires.',
    'Keep accessToken.lifetime short.',
  )
}
