import { ConfigurationError } from '../faults/errors.js'
import { isInstant, longestSeconds, millisecondsOf } from './seconds.js'

/** What a limit of grants may be at most: each sign-in lists as many. */
export const mostGrants = 100_000

export function lifetime(name: string, value: number | null): number | null {
  return value === null ? null : millis(name, value, 1, longestSeconds)
}

export function millis(name: string, seconds: unknown, least: number, most: number): number {
  const looksLikeMs = typeof seconds === 'number' && seconds / 1000 >= least && seconds / 1000 <= most
  const hint = looksLikeMs ? ` It is in seconds: ${seconds / 1000}, if that was meant in milliseconds.` : ''
  return millisecondsOf(number(name, seconds, least, most, hint))
}

function number(name: string, value: unknown, least: number, most: number, hint = ''): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new ConfigurationError(
      `${name}.range`,
      `${name} is ${shown(value)} and must be a number from ${least} to ${most}.${hint}`,
    )
  }
  return value
}

export function integer(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(number(name, value, least, most))) {
    throw new ConfigurationError(`${name}.range`, `${name} is ${shown(value)} and must be a whole number.`)
  }
  return value as number
}

export function instant(name: string, value: Date | number | undefined): number {
  if (value === undefined) return 0
  const seconds = value instanceof Date ? value.getTime() / 1000 : value
  if (!isInstant(seconds)) {
    throw new ConfigurationError(
      `${name}.invalid`,
      `${name} must be a Date, or seconds since the epoch and not milliseconds.`,
    )
  }
  return millisecondsOf(seconds)
}

/** With the quotes of a string: "10" is not 10. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
