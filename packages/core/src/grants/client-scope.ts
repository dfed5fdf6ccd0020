import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import { isQuotable } from '../faults/quotable.js'
import { offlineAccess, splitScope } from '../options/scopes.js'
import type { Settings } from '../options/settings.js'

type ScopeSettings = Pick<Settings, 'scopes' | 'unknownScopes'>

/** What the client gets when it asks for nothing: its registration, within the scopes that the server has today. */
export function registeredScope({ scopes }: ScopeSettings, client: Client): string[] {
  const isKnown = (value: string) => scopes.has(value) || (value === offlineAccess && refreshes(client))
  return client.scope.filter(isKnown)
}

/** All that the client may ask for where a user stands behind it. */
export function allowedScope(settings: ScopeSettings, client: Client): string[] {
  const registered = registeredScope(settings, client)
  return !refreshes(client) || registered.includes(offlineAccess)
    ? registered
    : [...registered, offlineAccess]
}

interface Granted {
  readonly of: string
  readonly settings: ScopeSettings
  readonly values: readonly string[]
  readonly text: string
}

// What a client was asked for last: nearly all its grants have one scope, and each refresh asks.
const lastGranted = new WeakMap<Client, Granted>()

/**
 * What an access token of a grant can have: the grant's scope, less what the client's registration has lost since.
 *
 * @returns as values, and as the text of them
 */
export function grantedScope(settings: ScopeSettings, client: Client, scope: string): Granted {
  const last = lastGranted.get(client)
  if (last?.of === scope && last.settings === settings) return last
  const allowed = allowedScope(settings, client)
  const values = splitScope(scope).filter((value) => allowed.includes(value))
  const granted = { of: scope, settings, values, text: values.join(' ') }
  lastGranted.set(client, granted)
  return granted
}

/**
 * The scopes of a request that may be had; with `unknownScopes: 'ignore'` less than was asked for.
 *
 * @param reason why the others may not be had, to be read after "The scope x"
 * @throws OAuthError `invalid_scope` (RFC 6749 §3.3)
 */
export function scopeWithin(
  settings: ScopeSettings,
  wanted: readonly string[],
  allowed: readonly string[],
  reason: string,
): string[] {
  const refused = wanted.find((value) => !allowed.includes(value))
  if (refused === undefined) return [...wanted]
  const left = wanted.filter((value) => allowed.includes(value))
  if (settings.unknownScopes === 'ignore' && left.length > 0) return left
  const hint =
    settings.unknownScopes === 'ignore'
      ? 'Nothing else was asked for.'
      : "See the server's option unknownScopes."
  throw new OAuthError('invalid_scope', `${describeScope(settings, refused)} ${reason}. ${hint}`)
}

/** Names a scope in an error, where it is one or can be nothing worse. */
function describeScope({ scopes }: Pick<Settings, 'scopes'>, value: string): string {
  return scopes.has(value) || isQuotable(value) ? `The scope ${value}` : 'A scope that was asked for'
}

/**
 * The scope of a grant after the app has narrowed it; an empty list takes all scopes away.
 *
 * @throws TypeError for what is no scope, RangeError for a scope that the grant does not have
 */
export function narrowedScope(settings: Pick<Settings, 'scopes'>, scope: string, to: unknown): string {
  const parts: unknown[] = [to].flat()
  if (!parts.every((part) => typeof part === 'string')) {
    throw new TypeError('scope must be a string or a list of strings; an empty list takes all scopes away.')
  }
  const [has, wanted] = [splitScope(scope), splitScope(parts.join(' '))]
  const added = wanted.find((value) => !has.includes(value))
  if (added === undefined) return wanted.join(' ')
  throw new RangeError(`${describeScope(settings, added)} is not the grant's; that takes a new consent.`)
}

function refreshes(client: Client): boolean {
  return client.grantTypes.has('refresh_token')
}
