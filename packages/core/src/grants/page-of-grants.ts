import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Grant } from '../options/grant.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { readAtOnce } from '../storage/every-page.js'
import type { GrantPage, GrantRecord, GrantStore } from '../storage/storage.js'
import { assertGiven } from './assert-given.js'
import type { GrantsPage, GrantsPageOptions } from './grant-options.js'

/**
 * Reads one page of a subject's live grants, in parts between which others get their turn, and on over storage pages that
 * have none of them.
 *
 * @throws TypeError for an option that is there and undefined, null or empty, RangeError for a limit out of range
 */
export async function pageOfGrants(
  store: Pick<GrantStore, 'listBySubject'>,
  ring: KeyRing,
  options: GrantsPageOptions,
  now: number,
  toGrant: (record: GrantRecord) => Promise<Grant>,
): Promise<GrantsPage> {
  for (const [name, value] of Object.entries(options)) assertGiven(name, value)
  assertGiven('subject', options.subject, 'say whose grants')
  const { subject, clientId, session, limit = 50 } = options
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 500)) {
    throw new RangeError('grants.page: limit must be a whole number from 1 to 500.')
  }
  const filter = { now, ...(clientId !== undefined && { clientId }) }
  const hashes = ring.subjectHashes(subject)
  const sessions = new Set(session === undefined ? [] : ring.sessionHashes(session))
  const grants: Grant[] = []
  const inSession: string[] = []
  let { cursor } = options
  let looked = 0
  do {
    if (looked > 0) await nextTurn()
    const part = Math.min(readAtOnce, limit - (looked % limit))
    const page = cursor === undefined ? { limit: part } : { limit: part, cursor }
    const listed: GrantPage = await store.listBySubject(hashes, filter, page)
    for (const record of listed.grants) {
      const grant = await toGrant(record)
      // One that `grants_not_before` has ended is stored as live until it is next used.
      if (grant.status !== 'active') continue
      grants.push(grant)
      if (record.sessionHash !== undefined && sessions.has(record.sessionHash)) inSession.push(grant.id)
    }
    cursor = listed.cursor
    looked += part
  } while (cursor !== undefined && (grants.length === 0 || looked % limit !== 0))
  return { grants, inSession, ...(cursor !== undefined && { cursor }) }
}
