import { ConfigurationError } from '../faults/errors.js'

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
  return [...new Set(scope.split(' ').filter((value) => value !== ''))]
}
