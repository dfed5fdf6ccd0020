import { ConfigurationError, OAuthError } from '../faults/errors.js'

/**
 * Asks for a refresh token (OpenID Connect Core §11). Known for every client with the refresh grant, whether the server's
 * `scopes` and the client's registration name it or not: standard clients ask for it unasked.
 */
export const offlineAccess = 'offline_access'

/** @throws ConfigurationError `scopes.invalid` */
export function checkScopes(
  scopes: readonly string[] | Readonly<Record<string, string>>,
): ReadonlyMap<string, string | undefined> {
  if (typeof scopes !== 'object' || scopes === null || Symbol.iterator in scopes !== Array.isArray(scopes)) {
    throw new ConfigurationError(
      'scopes.invalid',
      "scopes must be a list of names, or an object like { 'notes:read': 'what the consent page says' }.",
    )
  }
  const entries: [string, string | undefined][] = Array.isArray(scopes)
    ? (scopes as readonly string[]).map((name) => [name, undefined])
    : Object.entries(scopes as Readonly<Record<string, string>>)
  for (const [name] of entries) {
    // scope-token of RFC 6749 §3.3
    if (typeof name !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name)) {
      throw new ConfigurationError(
        'scopes.invalid',
        `scopes has ${JSON.stringify(name)}, which is no scope name (RFC 6749 §3.3).`,
      )
    }
  }
  return new Map(entries)
}

/** Space-separated scope to its distinct values, in order. */
export function splitScope(scope: string): string[] {
  const values = scope.split(' ')
  if (values.length > 16) return [...new Set(values.filter((value) => value !== ''))]
  // Of the few that there mostly are a set is slower than looking through them; of many this would take for ever.
  return values.filter((value, index) => value !== '' && values.indexOf(value) === index)
}

/**
 * The scopes that somebody asks for; undefined where nothing was asked, which leaves the choice to the server.
 *
 * @throws OAuthError `invalid_scope` for what is there and names no scope: an empty list must not mean all of them
 */
export function requestedScopes(scope: unknown): string[] | undefined {
  if (scope === undefined) return undefined
  const parts: unknown[] = [scope].flat()
  if (!parts.every((part) => typeof part === 'string')) {
    throw new OAuthError('invalid_scope', 'scope must be a string or a list of strings.')
  }
  const values = splitScope(parts.join(' '))
  if (values.length === 0) {
    throw new OAuthError('invalid_scope', 'scope names no scope. Leave it out to get all that there is.')
  }
  return values
}
