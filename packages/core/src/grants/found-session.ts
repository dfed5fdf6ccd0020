import { CallbackError } from '../faults/errors.js'
import type { ForeignSession } from '../options/foreign-session.js'
import { isOptions, misspeltMember } from '../options/member-names.js'
import { longestSeconds } from '../options/seconds.js'
import { splitScope } from '../options/scopes.js'
import type { SignIn } from '../options/sign-in.js'
import { instantOf } from './auth-time.js'
import { signInNames } from './check-calls.js'

/** What `importToken.find` answered, checked but for the sign-in. */
export interface FoundSession {
  readonly signIn: SignIn
  /** Undefined: what the client is registered for. */
  readonly scope: readonly string[] | undefined
  /** Milliseconds since the epoch, ten years from now at most. */
  readonly expiresAt: number
  readonly id: string | undefined
}

const names = [...Object.keys(signInNames), 'scope', 'expiresAt', 'id']
const aliases = { sub: 'subject', user: 'subject', userid: 'subject', exp: 'expiresAt', expires: 'expiresAt' }

/**
 * Reads the answer of `importToken.find`. It may be the app's own row: only what a session has is taken from it.
 *
 * @returns undefined where the app knows no such token
 * @throws CallbackError for an answer that cannot be right
 */
export function readFoundSession(answer: unknown, now: number): FoundSession | undefined {
  if (answer === undefined || answer === null) return undefined
  if (!isOptions(answer))
    return unusable('must answer { subject, expiresAt, … }, or nothing for an unknown token')
  const misspelt = misspeltMember('importToken.find', answer, names, aliases)
  if (misspelt !== undefined) return unusable(`answered what cannot be used: ${misspelt}`)
  const session = answer as unknown as ForeignSession
  const { subject, claims, authTime, acr, amr, lifetimes, metadata, label, userAgent, remoteAddress } =
    session
  return {
    signIn: {
      subject,
      claims,
      authTime,
      acr,
      amr,
      session: session.session,
      lifetimes,
      metadata,
      label,
      userAgent,
      remoteAddress,
    },
    scope: scopeOf(session.scope),
    expiresAt: expiryOf(session.expiresAt, now),
    id: idOf(session.id),
  }
}

function scopeOf(scope: unknown): readonly string[] | undefined {
  if (scope === undefined || scope === null) return undefined
  const parts: unknown[] = [scope].flat()
  if (!parts.every((part) => typeof part === 'string'))
    return unusable('gave a scope that is no string or list of strings')
  return splitScope(parts.join(' '))
}

function expiryOf(expiresAt: unknown, now: number): number {
  const seconds = instantOf(expiresAt)
  // A number as large as Date.now() is milliseconds; a Date as late as that is how some say never.
  if (
    seconds === undefined ||
    Number.isNaN(seconds) ||
    (typeof expiresAt === 'number' && !(expiresAt <= 1e11))
  )
    return unusable(
      'must give expiresAt: a Date, an ISO 8601 string with a time zone, or seconds since the epoch and not milliseconds',
    )
  return Math.min(Math.floor(seconds * 1000), now + longestSeconds * 1000)
}

function idOf(id: unknown): string | undefined {
  if (id === undefined || id === null) return undefined
  if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint') return String(id)
  return unusable('gave an id that is no string or number')
}

function unusable(problem: string): never {
  throw new CallbackError('importToken.find', problem)
}
