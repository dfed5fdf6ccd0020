import { cursorAt, pageOf, readCursor } from '@oauth-ratchet/core'
import type { GrantPage, Page, ScanFilter } from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import type { TimeLimits } from './deployment.js'
import { fromDocument, isIntact } from './grant-documents.js'
import type { GrantDocument } from './grant-documents.js'
import { is } from './grant-filters.js'
import type { GrantFilter } from './grant-filters.js'

/** How many documents a page with a filter looks at for each that it may answer. */
const LOOKED_AT = 10

/** A page of all grants there are, by id. */
export async function scanPage(
  grants: mongo.Collection<GrantDocument>,
  { cursor, limit }: Page,
  { clientId }: ScanFilter = {},
  limits: TimeLimits,
): Promise<GrantPage> {
  const after = { $gt: readCursor('grants', cursor) }
  if (clientId === undefined) return read(grants, { _id: after }, limit, limits)

  // No index leads to a client's grants. Without an end the server would look through all of them for a page.
  const last = await nthId(grants, { _id: after }, limit * LOOKED_AT, limits)
  if (last === undefined) return read(grants, { _id: after, client: is(clientId) }, limit, limits)
  const span = { _id: { ...after, $lte: last }, client: is(clientId) }
  return { cursor: cursorAt('grants', last), ...(await read(grants, span, limit, limits)) }
}

/** By the index on `_id` alone, without reading a document. */
async function nthId(
  grants: mongo.Collection<GrantDocument>,
  filter: GrantFilter,
  nth: number,
  limits: TimeLimits,
): Promise<string | undefined> {
  const found = await grants
    .find(filter, limits)
    .project<Pick<GrantDocument, '_id'>>({ _id: 1 })
    .sort({ _id: 1 })
    .skip(nth - 1)
    .limit(1)
    .toArray()
  return found.map(({ _id }) => _id)[0]
}

async function read(
  grants: mongo.Collection<GrantDocument>,
  filter: GrantFilter,
  limit: number,
  limits: TimeLimits,
): Promise<GrantPage> {
  const found = await grants
    .find(filter, limits)
    .sort({ _id: 1 })
    .limit(limit + 1)
    .batchSize(limit + 1)
    .toArray()
  const { entries, ...rest } = pageOf(found, limit, ({ _id }) => cursorAt('grants', _id))
  const unreadable = entries.filter((document) => !isIntact(document)).map(({ _id }) => _id)
  return {
    ...rest,
    grants: entries.filter(isIntact).map(fromDocument),
    ...(unreadable.length > 0 && { unreadable }),
  }
}
