/**
 * What narrows a revocation and is there without a value would otherwise be taken for absent, and end more than was meant.
 *
 * @throws TypeError for undefined, null and the empty string
 */
export function assertGiven(name: string, value: unknown, remedy = 'leave it out, or say which'): void {
  if (value === undefined || value === null || value === '') {
    throw new TypeError(`${name} is ${value === '' ? 'empty' : String(value)}: ${remedy}.`)
  }
}
