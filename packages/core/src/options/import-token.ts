import { ConfigurationError } from '../faults/errors.js'
import type { ImportTokenOptions } from './foreign-session.js'
import { isOptions, wrongOptions } from './member-names.js'
import { instant } from './numbers.js'

/** As long as a sign-out everywhere is remembered, which a token that is imported later must still meet. */
const mostDays = 400

const names: Record<keyof ImportTokenOptions, true> = { clients: true, until: true, find: true }

/** `refreshToken.importToken`, checked. */
export interface ImportSettings {
  readonly clients: ReadonlySet<string>
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly find: ImportTokenOptions['find']
}

/** @throws ConfigurationError `refreshToken.importToken` for what is no such option, lacks a member, or goes on too long */
export function checkImportToken(
  options: ImportTokenOptions | undefined,
  now: number,
): ImportSettings | undefined {
  if (options === undefined) return undefined
  const problem = wrongOptions('refreshToken.importToken', options, Object.keys(names), {
    callback: 'find',
    lookup: 'find',
  })
  if (!isOptions(options) || problem !== undefined) refuse(problem ?? '')
  const { clients, find } = options
  if (!Array.isArray(clients) || clients.length === 0 || !clients.every((id) => typeof id === 'string'))
    refuse('refreshToken.importToken.clients must be a list of client_ids, one at least.')
  if (typeof find !== 'function')
    refuse('refreshToken.importToken.find must be a function of a refresh token and a client_id.')
  if (options.until === undefined)
    refuse('refreshToken.importToken needs until: a Date, or seconds since the epoch.')
  const until = instant('refreshToken.importToken.until', options.until)
  if (until - now > mostDays * 86_400_000)
    refuse(
      `refreshToken.importToken.until is ${new Date(until).toISOString().slice(0, 10)}, and may be ${mostDays} days ahead at most.`,
    )
  // A restart must not fail by a date that is over.
  if (until <= now) warnOfOver(until)
  return { clients: new Set(clients), until, find }
}

function warnOfOver(until: number): void {
  process.emitWarning(
    `refreshToken.importToken.until is over since ${new Date(until).toISOString()}: no refresh token is imported any more. ` +
      'Take the option away, and what it reads.',
    { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_IMPORT_OVER' },
  )
}

function refuse(message: string): never {
  throw new ConfigurationError('refreshToken.importToken', message)
}
