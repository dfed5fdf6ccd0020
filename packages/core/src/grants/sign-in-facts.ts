import { assertOwnClaims } from '../access-tokens/claims.js'
import { isInstant, isLifetime, millisecondsOf } from '../options/seconds.js'
import type { SignIn } from '../options/sign-in.js'
import type { Facts } from '../ratchet/sealing.js'
import { SignInError } from '../faults/sign-in-error.js'
import { checkSignInNames } from './check-calls.js'

/**
 * What a sign-in says, checked, as it is sealed with the grant.
 *
 * @throws SignInError for a sign-in that the app got wrong
 */
export function factsOf(signIn: SignIn, scope: readonly string[]): Facts {
  checkSignInNames(signIn)
  const { subject, claims, acr, amr, session, metadata, lifetimes } = signIn
  if (typeof subject !== 'string' || subject === '')
    throw new SignInError('A sign-in needs a subject: a non-empty string.')
  if (session !== undefined && typeof session !== 'string') throw new SignInError('session must be a string.')
  if (acr !== undefined && typeof acr !== 'string') throw new SignInError('acr must be a string.')
  if (amr !== undefined && !(Array.isArray(amr) && amr.every((value) => typeof value === 'string')))
    throw new SignInError('amr must be a list of strings.')
  if (claims !== undefined) checkClaims(claims)
  if (metadata !== undefined) assertJson('metadata', metadata)
  for (const name of ['idle', 'absolute'] as const) {
    const value = lifetimes?.[name]
    if (value !== undefined && !isLifetime(value))
      throw new SignInError(`lifetimes.${name} must be seconds above 0.`)
  }
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
  }
}

function checkClaims(claims: Readonly<Record<string, unknown>>): void {
  assertJson('claims', claims)
  try {
    assertOwnClaims(claims)
  } catch (error) {
    throw new SignInError((error as Error).message)
  }
}

// They are kept as JSON: what that cannot write is found out here, and not when the grant is half made.
function assertJson(name: string, value: unknown): void {
  try {
    if (typeof value === 'object' && value !== null && JSON.stringify(value) !== undefined) return
  } catch {
    // Told below.
  }
  throw new SignInError(`${name} must be an object that JSON can write.`)
}

/**
 * A sign-in's time in whole seconds; milliseconds are recognised as the mistake they are.
 *
 * @throws SignInError
 */
export function secondsOf(authTime: Date | number | undefined): number | undefined {
  if (authTime === undefined) return undefined
  const seconds = authTime instanceof Date ? authTime.getTime() / 1000 : authTime
  if (!isInstant(seconds)) {
    throw new SignInError('authTime must be a Date, or seconds since the epoch and not milliseconds.')
  }
  return Math.floor(seconds)
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
