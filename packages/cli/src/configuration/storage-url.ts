import type { Environment } from '../command-line/command.js'
import { UsageError } from '../command-line/failure.js'

/**
 * The storage URL that an option names: itself, or with `env:NAME` what that environment variable holds.
 *
 * @throws UsageError for a URL with a password in it, which every process on the machine can read in the list of processes
 */
export function storageUrl(given: string, environment: Environment, option: string): string {
  const variable = /^env:(\w+)$/.exec(given)?.[1]
  if (variable !== undefined) {
    const url = environment[variable]?.trim() ?? ''
    if (url === '')
      throw new UsageError(`${option} names the environment variable ${variable}, which is not set.`)
    return url
  }
  // Up to the last @: a password that was not encoded may have one, or a slash.
  if (/^[a-z+]+:\/\/[^]*:[^]*@/i.test(given)) {
    throw new UsageError(
      `${option} has a password in it, which others on this machine can see: put the URL into an environment variable, and say ${option} env:NAME.`,
    )
  }
  return given
}
