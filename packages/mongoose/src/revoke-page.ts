import type { GrantPage, Page, RevokeFilter } from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import type { TimeLimits } from './deployment.js'
import { fromDocument, isIntact } from './grant-documents.js'
import type { GrantDocument } from './grant-documents.js'
import { is, liveAt, selected } from './grant-filters.js'
import { revocationUpdate } from './grant-updates.js'
import { pageOfSubject } from './subject-pages.js'

/** Ends a page of a subject's grants: a read and a pipeline. */
export async function revokePage(
  grants: mongo.Collection<GrantDocument>,
  hashes: readonly string[],
  filter: RevokeFilter,
  page: Page,
  limits: TimeLimits,
): Promise<GrantPage> {
  const { at, by, reason, keepUntil } = filter
  const { found, ...rest } = await pageOfSubject(grants, hashes, selected(filter), page, limits)
  const live = found.filter(({ revoked }) => revoked === undefined).map(({ _id }) => _id)
  if (live.length === 0) return { grants: answered(found), ...rest }

  const update = revocationUpdate({ at, reason, by }, keepUntil)
  // Single updates and not one of many documents, which the driver would not send again after a lost answer.
  const writes = live.map((id) => ({ updateOne: { filter: { _id: is(id), ...liveAt(at) }, update } }))
  const { matchedCount } = await grants.bulkWrite(writes, { ordered: false, ...limits })
  if (matchedCount === live.length) return { grants: answered(found), ...rest }

  // Somebody else was faster with some of them, and it is theirs to answer those.
  const mine = await grants
    .find({ _id: { $in: found.map(({ _id }) => _id) }, 'revoked.by': is(by) }, limits)
    .project<{ _id: string }>({ _id: 1 })
    .batchSize(found.length + 1)
    .toArray()
  const ended = new Set(mine.map(({ _id }) => _id))
  return { grants: answered(found.filter(({ _id }) => ended.has(_id))), ...rest }
}

/** A damaged document is ended like the others, but there is no record of it to answer. */
function answered(documents: readonly GrantDocument[]): GrantPage['grants'] {
  return documents.filter(isIntact).map(fromDocument)
}
