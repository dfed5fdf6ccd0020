import { unknownName } from '@oauth-ratchet/core'
import type { Auth, VerifyOptions } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkOptionNames } from '../caller/check-option-names.js'

export interface RequireTokenOptions<Req = IncomingMessage> extends VerifyOptions {
  /** What the token must have, all of it: space-separated or a list. Default: any token will do. */
  readonly scope?: string | readonly string[]
  /**
   * True: a request without a token is let through, without `req.auth`, one with an empty `Bearer` too. A bad token is refused
   * all the same. Default false.
   */
  readonly optional?: boolean | undefined
  /**
   * `user`: only tokens that speak for a user, not those of client credentials. `any` (default): both; a handler that
   * needs `auth.subject` should ask for `user`.
   */
  readonly subject?: 'user' | 'any' | undefined
  /**
   * Finds the app's user and puts it into `req.user`. No user (null, undefined, false) means that the token is refused with 401
   * `invalid_token`: the account is gone. Not called for tokens of client credentials, which have no user. What it throws
   * goes to the app's error handlers unchanged. Default: `req.user` is left alone.
   */
  readonly user?: ((auth: Auth, req: Req) => unknown) | undefined
  /** Name of the property of `req` that gets the {@link Auth}. Default `auth`. */
  readonly property?: string | undefined
}

const names = ['scope', 'audience', 'checkGrant', 'optional', 'subject', 'user', 'property'] as const

/**
 * @param known the scopes that the server has
 * @throws ConfigurationError for the first option that cannot work
 */
export function checkRequireTokenOptions<Req>(
  caller: Caller,
  options: RequireTokenOptions<Req>,
  known: ReadonlySet<string>,
): void {
  checkOptionNames(caller, 'requireToken', options, names)
  const { scope, audience, checkGrant, optional, subject, user, property } = options
  const check = (name: (typeof names)[number], fits: boolean, wanted: string): void => {
    if (!fits) throw misuse(caller, name, `requireToken: ${name} must be ${wanted}.`)
  }
  // There and undefined is a misspelt constant: without a scope every token would do.
  check('scope', !('scope' in options) || isScope(scope), 'one or more scope names, as a string or a list')
  checkScopesAreKnown(caller, scopesOf(scope), known)
  check('audience', audience === undefined || areStrings([audience].flat()), 'one or more non-empty strings')
  check('checkGrant', isFlag(checkGrant), 'true or false')
  check('optional', isFlag(optional), 'true or false')
  check('subject', subject === undefined || subject === 'user' || subject === 'any', "'user' or 'any'")
  check('user', user === undefined || typeof user === 'function', 'a function')
  check('property', property === undefined || areStrings([property]), 'a non-empty string')
}

/** The scope names of an option. */
export function scopesOf(scope: string | readonly string[] | undefined): string[] {
  return [scope ?? []]
    .flat()
    .flatMap((value) => value.split(' '))
    .filter((value) => value !== '')
}

// No token of this server ever has another scope. A server that names none only verifies, and knows no more.
function checkScopesAreKnown(caller: Caller, scopes: readonly string[], known: ReadonlySet<string>): void {
  const unknown = known.size === 0 ? undefined : scopes.find((scope) => !known.has(scope))
  if (unknown === undefined) return
  throw misuse(
    caller,
    'unknown_scope',
    `${unknownName('requireToken: the server', 'scope', unknown, [...known])} Nobody could pass this guard.`,
  )
}

function areStrings(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => typeof value === 'string' && value !== '')
}

// An empty one is refused: it guards nothing, and is what a variable that was never set looks like.
function isScope(scope: string | readonly string[] | undefined): boolean {
  if (scope === undefined || !areStrings([scope].flat())) return false
  const values = scopesOf(scope)
  return values.length > 0 && values.every((value) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value))
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean'
}
