/** Times and numbers as Lua's `tonumber` and Redis's own commands take them: whole, and never with an exponent. */

/** A time in ms. Never earlier than it is: what expires may be removed late, but not early. */
export function timeArgument(milliseconds: number): string {
  return BigInt(Math.ceil(milliseconds)).toString()
}

/** A number that a script calculates with; null, no limit, is the empty string. */
export function numberArgument(number: number | null): string {
  return number === null ? '' : String(number)
}
