import type { Database } from 'better-sqlite3'

/**
 * What is wrong with a version of better-sqlite3 on a version of Node; undefined where nothing is known.
 *
 * Since 24.19 Node's own base class for native objects ends the process (`Assertion failed: (env) != nullptr`) when one of them is
 * collected while no JavaScript runs, at whatever moment that is. better-sqlite3 before 13 is made of that class.
 *
 * @param hasExplain whether a database has `explain`, which came with 13
 */
export function driverFault(nodeVersion: string, hasExplain: boolean): string | undefined {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  if (hasExplain || major < 24 || (major === 24 && minor < 19)) return undefined
  return (
    `better-sqlite3 before 13 can end the process on Node ${nodeVersion}, at any moment ("Assertion failed: (env) != nullptr"). ` +
    'What was answered is kept. Install better-sqlite3 13, or run Node 22.'
  )
}

/** Warns of it, once in a process: `OAUTH_RATCHET_SQLITE_DRIVER`. */
export function warnOfDriver(database: Database, nodeVersion = process.versions.node): void {
  const fault = driverFault(nodeVersion, 'explain' in database)
  if (fault === undefined || warned) return
  warned = true
  process.emitWarning(fault, { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_SQLITE_DRIVER' })
}

let warned = false
