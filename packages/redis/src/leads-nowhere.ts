import type { GrantRecord } from '@oauth-ratchet/core'

import type { IndexedGrant } from './index-entry.js'

/**
 * How old an entry of an index must be before it is removed for want of its grant: a younger one may belong to a grant
 * that is just being created. Far longer than anybody waits for that.
 */
const CREATION_MS = 60_000

/** Whether an entry can be removed, from what was found of its grant. */
export function leadsNowhere(entry: IndexedGrant, grant: GrantRecord | undefined, now: number): boolean {
  return grant === undefined ? entry.createdAt < now - CREATION_MS : grant.revoked !== undefined
}
