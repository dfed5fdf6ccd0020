import { wrongOptions } from '@oauth-ratchet/core'
import { misuse } from './caller.js'
import type { Caller } from './caller.js'

const aliases = {
  login: 'signIn',
  authenticate: 'signIn',
  aud: 'audience',
  required: 'optional',
  origins: 'cors',
}

/**
 * Refuses options that are no object, and unknown names: a misspelt option would guard nothing.
 *
 * @param name of the function that was called, or of the option
 */
export function checkOptionNames(
  caller: Caller,
  name: string,
  options: unknown,
  known: readonly string[],
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw misuse(caller, 'options', `${name} wants an object of options, or none.`)
  }
  const problem = wrongOptions(name, options, known, aliases)
  if (problem !== undefined) throw misuse(caller, 'unknown_option', problem)
}
