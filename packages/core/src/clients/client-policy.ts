import type { ClientMetadata } from '../options/client-metadata.js'
import { tooLate } from '../options/observe-reuse.js'
import { isInstant, longestSeconds, millisecondsOf } from '../options/seconds.js'
import type { Settings } from '../options/settings.js'
import type { GrantLimits } from '../ratchet/limits.js'

/** What a client's metadata has over the options of the server, checked and in milliseconds. */
export interface ClientPolicy {
  /** Undefined: the client has none of its own. */
  readonly reuseGraceMs: number | undefined
  /** Milliseconds since the epoch: until then reuse of its refresh tokens ends nothing. 0: it ends grants. */
  readonly observeReuseUntil: number
  readonly accessTokenLifetimeMs: number
  readonly limits: GrantLimits
}

export type PolicySettings = Pick<
  Settings,
  'accessTokenLifetimeMs' | 'idleLifetimeMs' | 'absoluteLifetimeMs' | 'now'
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
  const idle = milliseconds(metadata.idle_lifetime, 1, longestSeconds, (message) =>
    wrong('idle_lifetime', message),
  )
  const own = milliseconds(metadata.absolute_lifetime, 1, longestSeconds, (message) =>
    wrong('absolute_lifetime', message),
  )
  const absolute = shorter(own ?? null, settings.absoluteLifetimeMs)
  return {
    reuseGraceMs,
    observeReuseUntil: observeUntil(metadata.reuse_observe_until, settings, (message) =>
      wrong('reuse_observe_until', message),
    ),
    accessTokenLifetimeMs: accessTokenLifetimeMs ?? settings.accessTokenLifetimeMs,
    limits: {
      idleLifetimeMs: idle === undefined ? settings.idleLifetimeMs : shorter(idle, absolute),
      absoluteLifetimeMs: absolute,
    },
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

function shorter(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
