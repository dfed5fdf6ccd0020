/**
 * What a page says about where the next one begins. The first letter keeps a cursor of one listing from being taken
 * for another's; everything that does not read as one of ours is a RangeError.
 */

/** Where a subject's page ended: time of creation, then id. */
export interface SubjectPosition {
  readonly createdAt: number
  readonly id: string
}

export function subjectCursor({ createdAt, id }: SubjectPosition): string {
  return `s.${createdAt}.${id}`
}

/** The position after which the page begins; without a cursor, one before everything. */
export function readSubjectCursor(cursor: string | undefined): SubjectPosition {
  if (cursor === undefined) return { createdAt: Number.MIN_SAFE_INTEGER, id: '' }
  const [, createdAt, id] = /^s\.(-?\d{1,16})\.(.*)$/s.exec(cursor) ?? []
  if (createdAt === undefined || id === undefined) throw foreignCursor()
  return { createdAt: Number(createdAt), id }
}

export type IdListing = 'grants' | 'clients'

const ID_PREFIX: Record<IdListing, string> = { grants: 'g.', clients: 'c.' }

export function idCursor(listing: IdListing, id: string): string {
  return ID_PREFIX[listing] + id
}

/** The id after which the page begins; without a cursor, the empty string, which sorts before every id. */
export function readIdCursor(listing: IdListing, cursor: string | undefined): string {
  if (cursor === undefined) return ''
  if (!cursor.startsWith(ID_PREFIX[listing])) throw foreignCursor()
  return cursor.slice(ID_PREFIX[listing].length)
}

function foreignCursor(): RangeError {
  return new RangeError('This cursor was not made by this listing: pass the cursor of the page before')
}
