import type { ClientMetadata } from '../options/client-metadata.js'
import { mostGrants } from '../options/numbers.js'
import { tooLate } from '../options/observe-reuse.js'
import { isInstant, longestSeconds, millisecondsOf } from '../options/seconds.js'
import type { Settings } from '../options/settings.js'
import type { GrantLimits, Lifetimes } from '../ratchet/limits.js'

/** What a client's metadata has over the options of the server, checked and in milliseconds. */
export interface ClientPolicy {
  /** Undefined: the client has none of its own. */
  readonly reuseGraceMs: number | undefined
  /** Milliseconds since the epoch: until then reuse of its refresh tokens ends nothing. 0: it ends grants. */
  readonly observeReuseUntil: number
  readonly accessTokenLifetimeMs: number
  readonly limits: GrantLimits
  /** Undefined: the client has none of its own. */
  readonly maxGrantsPerSubject: number | undefined
}

export type PolicySettings = Pick<
  Settings,
  'accessTokenLifetimeMs' | 'idleLifetimeMs' | 'absoluteLifetimeMs' | 'offline' | 'now'
>

/**
 * The policy of one client. No lifetime of a grant is longer than the server's absolute limit.
 *
 * @param wrong throws for a member that cannot work
 */
export function clientPolicy(
  metadata: ClientMetadata,
  settings: PolicySettings,
  wrong: (member: string, message: string) => never,
): ClientPolicy {
  const { reuse_grace: grace, access_token_lifetime: accessToken } = metadata
  const reuseGraceMs = milliseconds(grace ?? undefined, 0, 300, (message) => wrong('reuse_grace', message))
  const accessTokenLifetimeMs = milliseconds(accessToken ?? undefined, 1, 86_400, (message) =>
    wrong('access_token_lifetime', message),
  )
  // In the options null is no limit, so that for these it is refused and not read as left out.
  const seconds = (value: unknown, refuse: (message: string) => never): number | undefined =>
    milliseconds(value, 1, longestSeconds, refuse)
  const own = {
    idle: seconds(metadata.idle_lifetime, (message) => wrong('idle_lifetime', message)),
    absolute: seconds(metadata.absolute_lifetime, (message) => wrong('absolute_lifetime', message)),
  }
  const ofOffline = {
    idle: seconds(metadata.offline_idle_lifetime, (message) => wrong('offline_idle_lifetime', message)),
    absolute: seconds(metadata.offline_absolute_lifetime, (message) =>
      wrong('offline_absolute_lifetime', message),
    ),
  }
  const hasOffline =
    settings.offline !== undefined || ofOffline.idle !== undefined || ofOffline.absolute !== undefined
  return {
    reuseGraceMs,
    observeReuseUntil: observeUntil(metadata.reuse_observe_until, settings, (message) =>
      wrong('reuse_observe_until', message),
    ),
    accessTokenLifetimeMs: accessTokenLifetimeMs ?? settings.accessTokenLifetimeMs,
    maxGrantsPerSubject: countOf(metadata.max_grants_per_subject, (message) =>
      wrong('max_grants_per_subject', message),
    ),
    limits: {
      ...within(own, settings),
      // A client with limits of its own does not get rid of them by asking for a scope.
      offline: hasOffline
        ? within(
            { idle: ofOffline.idle ?? own.idle, absolute: ofOffline.absolute ?? own.absolute },
            settings.offline ?? settings,
          )
        : undefined,
    },
  }
}

/** A client's own lifetimes over those of the server, and within its absolute limit. */
function within(
  own: { readonly idle: number | undefined; readonly absolute: number | undefined },
  server: Lifetimes,
): Lifetimes {
  const absolute = shorter(own.absolute ?? null, server.absoluteLifetimeMs)
  return {
    idleLifetimeMs: own.idle === undefined ? server.idleLifetimeMs : shorter(own.idle, absolute),
    absoluteLifetimeMs: absolute,
  }
}

function observeUntil(value: unknown, settings: PolicySettings, refuse: (message: string) => never): number {
  if (value === undefined || value === null) return 0
  if (!isInstant(value)) return refuse('must be seconds since the epoch, not milliseconds.')
  const until = millisecondsOf(value)
  const late = tooLate(until, settings.now())
  return late === undefined ? until : refuse(late)
}

function milliseconds(
  seconds: unknown,
  least: number,
  most: number,
  wrong: (message: string) => never,
): number | undefined {
  if (seconds === undefined) return undefined
  if (typeof seconds === 'number' && seconds >= least && seconds <= most) return millisecondsOf(seconds)
  const hint = seconds === null ? " Leave it out for the server's: every client is under its limits." : ''
  return wrong(`must be a number of seconds from ${least} to ${most}.${hint}`)
}

function countOf(value: unknown, wrong: (message: string) => never): number | undefined {
  if (value === undefined) return undefined
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= mostGrants) return Number(value)
  return wrong(`must be a whole number from 1 to ${mostGrants}. Leave it out for the server's.`)
}

function shorter(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
