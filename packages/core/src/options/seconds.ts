/** Longer lifetimes are milliseconds by mistake, or meant to be none: 10 years, in seconds. */
export const longestSeconds = 10 * 365 * 86_400

/** Seconds of the public options as the whole milliseconds that storages keep. */
export function millisecondsOf(seconds: number): number {
  return Math.round(seconds * 1000)
}

/** Whether a value is a lifetime in seconds: at least a millisecond, at most {@link longestSeconds}. */
export function isLifetime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0.001 && value <= longestSeconds
}

/** Seconds since the epoch, and not the milliseconds that `Date.now()` gives: those would be far in the future. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1e11
}

/** Whole seconds left, rounded down: a lifetime that is sent is never longer than the real one. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.floor((at - now) / 1000))
}
