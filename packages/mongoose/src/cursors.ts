/**
 * What a page says about where the next one begins. The letter in front keeps a cursor of one listing from being
 * taken for another's; what does not read as one of ours is a RangeError.
 */

/** Where a subject's page ended. */
export interface SubjectPosition {
  readonly createdMs: number
  readonly id: string
}

export function subjectCursor({ createdMs, id }: SubjectPosition): string {
  return `s.${createdMs}.${id}`
}

/** Undefined without a cursor: the page begins at the beginning. */
export function readSubjectCursor(cursor: string | undefined): SubjectPosition | undefined {
  if (cursor === undefined) return undefined
  const [, createdMs, id] = /^s\.(-?\d{1,16})\.(.*)$/s.exec(cursor) ?? []
  if (createdMs === undefined || id === undefined) throw foreignCursor()
  return { createdMs: Number(createdMs), id }
}

const MARKS = { grants: 'g.', clients: 'c.' } as const

export function idCursor(listing: keyof typeof MARKS, id: string): string {
  return MARKS[listing] + id
}

/** The id after which the page begins; the empty string, which comes before every id, without a cursor. */
export function readIdCursor(listing: keyof typeof MARKS, cursor: string | undefined): string {
  if (cursor === undefined) return ''
  if (!cursor.startsWith(MARKS[listing])) throw foreignCursor()
  return cursor.slice(MARKS[listing].length)
}

function foreignCursor(): RangeError {
  return new RangeError('This cursor is of no page of this listing: pass on the cursor of the page before')
}
