import { assertOwnClaims } from '../access-tokens/claims.js'
import { isLifetime, millisecondsOf } from '../options/seconds.js'
import type { SignIn } from '../options/sign-in.js'
import type { SessionDetail } from '../options/options.js'
import type { Facts } from '../ratchet/sealing.js'
import { keptOf } from '../ratchet/seen.js'
import type { SeenFrom } from '../ratchet/seen.js'
import { SignInError } from '../faults/sign-in-error.js'
import { secondsOf } from './auth-time.js'
import { checkSignInNames } from './check-calls.js'

/** What a sign-in comes with: the request, where its user's own device has sent that, and what is kept of it. */
export interface SignInCircumstances {
  readonly keep: ReadonlySet<SessionDetail>
  readonly from?: SeenFrom | undefined
}

/**
 * What a sign-in says, checked, as it is sealed with the grant. Its `name` is not part of it.
 *
 * @throws SignInError for a sign-in that the app got wrong, saying what it received
 */
export function factsOf(
  signIn: SignIn,
  scope: readonly string[],
  { keep, from }: SignInCircumstances = { keep: new Set() },
): Facts {
  checkSignInNames(signIn)
  const { subject, acr, amr, session, label } = signIn
  if (typeof subject !== 'string' || subject === '')
    throw new SignInError(`A sign-in needs a subject: a non-empty string, and not ${kindOf(subject)}.`)
  for (const name of ['name', 'session', 'acr', 'label', 'userAgent', 'remoteAddress'] as const) {
    const value: unknown = signIn[name]
    if (value !== undefined && typeof value !== 'string')
      throw new SignInError(`${name} is ${kindOf(value)} and must be a string.`)
  }
  if (amr !== undefined && !(Array.isArray(amr) && amr.every((value) => typeof value === 'string')))
    throw new SignInError(`amr is ${kindOf(amr)} and must be a list of strings.`)
  const claims = writtenOf('claims', signIn.claims)
  if (claims !== undefined) checkClaims(claims)
  const metadata = writtenOf('metadata', signIn.metadata)
  checkLifetimes(signIn.lifetimes)
  const authTime = secondsOf(signIn.authTime)
  return {
    subject,
    scope: scope.join(' '),
    ...(session !== undefined && { session }),
    ...(claims !== undefined && { claims }),
    ...(authTime !== undefined && { authTime }),
    ...(acr !== undefined && { acr }),
    ...(amr !== undefined && { amr }),
    ...(metadata !== undefined && { metadata }),
    ...(label !== undefined && label !== '' && keep.has('label') && { label }),
    ...keptOf(keep, {
      userAgent: signIn.userAgent ?? from?.userAgent,
      remoteAddress: signIn.remoteAddress ?? from?.remoteAddress,
    }),
  }
}

/**
 * Checks all of a sign-in, before anything is shown or stored for it.
 *
 * @throws SignInError
 */
export function checkSignIn(signIn: SignIn): void {
  factsOf(signIn, [])
}

function checkLifetimes(lifetimes: unknown): void {
  if (lifetimes === undefined) return
  if (typeof lifetimes !== 'object' || lifetimes === null)
    throw new SignInError(`lifetimes is ${kindOf(lifetimes)} and must be an object.`)
  const { idle, absolute } = lifetimes as { idle?: unknown; absolute?: unknown }
  for (const [name, value] of Object.entries({ idle, absolute })) {
    if (value !== undefined && !isLifetime(value))
      throw new SignInError(
        `lifetimes.${name} is ${typeof value === 'number' ? value : kindOf(value)} and must be seconds above 0.`,
      )
  }
}

/** For a message that a log may keep: it has no subject, session or claim in it. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (value === '') return 'an empty string'
  if (Array.isArray(value)) return 'a list'
  const kind = typeof value
  return kind === 'object' ? 'an object' : `a ${kind}`
}

function checkClaims(claims: Members): void {
  try {
    assertOwnClaims(claims)
  } catch (error) {
    throw new SignInError((error as Error).message)
  }
}

type Members = Readonly<Record<string, unknown>>

// As they are kept, in JSON: what that cannot write is found out here, and not when the grant is half made; and the first
// tokens have what all later ones will have, and not the members of an object that writes itself otherwise.
function writtenOf(name: string, value: unknown): Members | undefined {
  if (value === undefined) return undefined
  let written: unknown
  try {
    written = typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : undefined
  } catch {
    written = undefined
  }
  if (typeof written === 'object' && written !== null) return written as Members
  throw new SignInError(`${name} is ${kindOf(value)} and must be an object that JSON can write.`)
}

/** New limits of a grant in seconds, `absolute` from now, as limits in ms; undefined where there is none to change. */
export function lifetimesFrom(
  lifetimes: { readonly idle?: number | null; readonly absolute?: number | null },
  now: number,
): { idleLifetime: number | null | undefined; absoluteExpiresAt: number | null | undefined } {
  const { idle, absolute } = lifetimes
  for (const [name, value] of Object.entries({ idle, absolute })) {
    if (value !== undefined && value !== null && !isLifetime(value))
      throw new RangeError(`lifetimes.${name} must be seconds above 0.`)
  }
  return {
    idleLifetime: typeof idle === 'number' ? millisecondsOf(idle) : idle,
    absoluteExpiresAt: typeof absolute === 'number' ? now + millisecondsOf(absolute) : absolute,
  }
}
