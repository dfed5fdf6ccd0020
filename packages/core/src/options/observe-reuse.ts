import { ConfigurationError } from '../faults/errors.js'
import { isOptions, wrongOptions } from './member-names.js'
import { instant } from './numbers.js'
import type { ObserveReuseOptions } from './options.js'

/** For the days in which a service moves in, and no way to run one: every day of it a thief who came first stays in. */
const mostDays = 90

const names: Record<keyof ObserveReuseOptions, true> = { until: true, clients: true }

/**
 * Until when reuse of a client's refresh tokens is only observed, in ms since the epoch; 0: it never is.
 *
 * @throws ConfigurationError `refreshToken.observeReuse` for what is no such option, has no date, or one too far ahead
 */
export function checkObserveReuse(
  options: ObserveReuseOptions | undefined,
  now: number,
): (clientId: string) => number {
  if (options === undefined) return () => 0
  const problem = wrongOptions('refreshToken.observeReuse', options, Object.keys(names))
  if (!isOptions(options) || problem !== undefined) refuse(problem ?? '')
  if (options.until === undefined)
    refuse('refreshToken.observeReuse needs until: a Date, or seconds since the epoch.')
  const until = instant('refreshToken.observeReuse.until', options.until)
  const late = tooLate(until, now)
  if (late !== undefined) refuse(`refreshToken.observeReuse.until ${late}`)
  const { clients } = options
  if (clients !== undefined && !(Array.isArray(clients) && clients.every((id) => typeof id === 'string'))) {
    refuse('refreshToken.observeReuse.clients must be a list of client_ids; left out, it is all clients.')
  }
  if (until > now && clients?.length !== 0)
    warnOfObservedReuse(clients === undefined ? 'every client' : `the clients ${clients.join(', ')}`, until)
  const ids = clients && new Set(clients)
  return (clientId) => (ids === undefined || ids.has(clientId) ? until : 0)
}

/** What is wrong with a date, in words; undefined when nothing is. One that is over is fine: a restart must not fail by it. */
export function tooLate(untilMs: number, now: number): string | undefined {
  return untilMs - now <= mostDays * 86_400_000
    ? undefined
    : `is ${new Date(untilMs).toISOString().slice(0, 10)}, and may be ${mostDays} days ahead at most.`
}

/** @param whom the clients, in words */
export function warnOfObservedReuse(whom: string, untilMs: number): void {
  process.emitWarning(
    `Reuse of refresh tokens is only observed for ${whom} until ${new Date(untilMs).toISOString()}: a spent token is refused, ` +
      'its session goes on, and a thief who used the token first stays signed in until then. Listen to grant.reuse_detected, ' +
      'and take the option away when what it shows has been put right.',
    { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_OBSERVE_REUSE' },
  )
}

function refuse(message: string): never {
  throw new ConfigurationError('refreshToken.observeReuse', message)
}
