/** Times and numbers as the scripts and Redis's own commands take them. */

/**
 * A time in ms for a command that knows nothing but whole numbers without an exponent. Never earlier than it is: what
 * expires may be removed late, but not early.
 */
export function timeArgument(milliseconds: number): string {
  return BigInt(Math.ceil(milliseconds)).toString()
}

/**
 * A number that a script calculates with, as Lua's `tonumber` takes it, which reads whatever JavaScript writes of one;
 * null, no limit, is the empty string.
 */
export function numberArgument(number: number | null): string {
  return number === null ? '' : String(number)
}
