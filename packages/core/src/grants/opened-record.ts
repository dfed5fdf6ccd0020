import { splitScope } from '../options/scopes.js'
import { newestFormat, unsealForOnce } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import type { GrantRecord } from '../storage/storage.js'

/**
 * Whether a record is this server's: a store may be shared, and another realm's client of the same id is another client.
 * One that has ended has no facts left to tell by and is nobody's to end; one of a newer version is not for this one to
 * tell, and a sign-out does not wait for an upgrade.
 */
export function isOfThisRealm(ring: KeyRing, record: GrantRecord): boolean {
  return opens(ring, record) === true
}

/** The same for a record that somebody has named: one under a secret that this process lacks is taken for ours too. */
export function isNobodyElses(ring: KeyRing, record: GrantRecord): boolean {
  return opens(ring, record) !== false
}

/** The values of a scope, or of several. */
export function scopesIn(scope: string | readonly string[]): string[] {
  return splitScope([scope].flat().join(' '))
}

/** Whether a grant's scope has all of these; undefined: the record does not open. */
export function hasScope(ring: KeyRing, record: GrantRecord, wanted: readonly string[]): boolean | undefined {
  if (opens(ring, record) !== true || record.format > newestFormat) return undefined
  const granted = splitScope(unsealForOnce(ring, record)?.scope ?? '')
  return wanted.every((value) => granted.includes(value))
}

/** Undefined: sealed under a secret that is not here. */
function opens(ring: KeyRing, record: GrantRecord): boolean | undefined {
  if (record.revoked !== undefined || record.format > newestFormat) return true
  try {
    return unsealForOnce(ring, record) !== undefined || undefined
  } catch {
    return false
  }
}
