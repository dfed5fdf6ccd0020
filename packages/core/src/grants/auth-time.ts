import { types } from 'node:util'
import { SignInError } from '../faults/sign-in-error.js'
import { isInstant } from '../options/seconds.js'

/** A time zone is asked for: without one a string means another time on every machine. */
const isoForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i

/**
 * A sign-in's time in whole seconds since the epoch; undefined where there is none.
 *
 * @throws SignInError naming what it was, for what is no time, and for milliseconds
 */
export function secondsOf(authTime: unknown): number | undefined {
  if (authTime === undefined) return undefined
  const seconds = instantOf(authTime)
  if (seconds !== undefined && isInstant(seconds)) return Math.floor(seconds)
  throw new SignInError(
    `authTime is ${described(authTime)}. It must be when the user signed in: a Date, an ISO 8601 string with a time ` +
      'zone, or seconds since the epoch.',
  )
}

/** Seconds since the epoch, maybe not a number; undefined for what is no time. */
export function instantOf(authTime: unknown): number | undefined {
  if (typeof authTime === 'number') return authTime
  // By its kind and not by its class: an app's tests may run in a realm of their own.
  if (types.isDate(authTime)) return authTime.getTime() / 1000
  if (typeof authTime === 'string' && isoForm.test(authTime)) return Date.parse(authTime) / 1000
  return undefined
}

function described(value: unknown): string {
  if (types.isDate(value)) return 'a Date without a valid time'
  // 1e11 seconds are the year 5138.
  if (typeof value === 'number' && value > 1e11) {
    return `${value}, which is milliseconds as Date.now() gives them (as seconds it would be ${Math.floor(value / 1000)})`
  }
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`
  if (typeof value === 'object' && value !== null) return 'an object that is no Date'
  return String(value)
}
