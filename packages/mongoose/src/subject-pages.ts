import { pageOf, readSubjectCursor, subjectCursor } from '@oauth-ratchet/core'
import type { Page, SubjectPosition } from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import type { TimeLimits } from './deployment.js'
import type { GrantDocument } from './grant-documents.js'
import { afterPosition } from './grant-filters.js'
import type { GrantFilter } from './grant-filters.js'

export interface SubjectPage {
  readonly found: readonly GrantDocument[]
  readonly cursor?: string
}

/**
 * The next of a subject's grants that fit, by time of creation, then id. One order over all its hashes: a grant that
 * a turn moves to another hash during a walk keeps its place in it.
 */
export async function pageOfSubject(
  grants: mongo.Collection<GrantDocument>,
  hashes: readonly string[],
  criteria: GrantFilter,
  { cursor, limit }: Page,
  limits: TimeLimits,
): Promise<SubjectPage> {
  const after = readSubjectCursor(cursor)
  const distinct = [...new Set(hashes)]
  const read = (): Promise<GrantDocument[]> =>
    grants
      .find({ $and: [afterPosition(distinct, after), criteria] }, limits)
      .sort({ created: 1, _id: 1 })
      .limit(limit + 1)
      // In one answer, where the server's first would have 101.
      .batchSize(limit + 1)
      .toArray()

  let found = await read()
  // A query is no snapshot. A grant that moves from one hash to another while it runs can be passed over under both;
  // it moves once, so that it stands still when it is looked for again.
  if (distinct.length > 1) found = inOrder([...found, ...(await read())])
  const { entries, ...rest } = pageOf(found, limit, (last) => subjectCursor(positionOf(last)))
  return { found: entries, ...rest }
}

/** Each grant once, as it was read last. */
function inOrder(documents: readonly GrantDocument[]): GrantDocument[] {
  const distinct = new Map(documents.map((document) => [positionOf(document).id, document]))
  return [...distinct.values()].toSorted((one, other) => compare(positionOf(one), positionOf(other)))
}

function compare(one: SubjectPosition, other: SubjectPosition): number {
  return one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)
}

function positionOf({ created, _id: id }: GrantDocument): SubjectPosition {
  // Of a damaged document: without a date it stands before all that have one.
  return { createdAt: created instanceof Date ? created.getTime() : 0, id }
}
