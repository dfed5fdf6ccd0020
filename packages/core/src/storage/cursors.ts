import { CursorError } from '../faults/storage-error.js'

/**
 * What a page says about where the next one begins: a letter for the listing, so that a cursor of one is not taken for
 * another's, and behind it what the storage made up. A storage need not use these, but for the error.
 */

/** `grants` and `values`: all of them (`scan`); `subject`: those of a subject. */
export type Listing = 'grants' | 'subject' | 'clients' | 'values'

const PREFIX: Record<Listing, string> = { grants: 'g.', subject: 's.', clients: 'c.', values: 'v.' }

/** @param position where the page ended: whatever the storage can go on from, but not the empty string */
export function cursorAt(listing: Listing, position: string): string {
  return PREFIX[listing] + position
}

/**
 * The position after which the page begins; without a cursor the empty string, which sorts before every other.
 *
 * @throws CursorError for a cursor of another listing, or one that no listing has given
 */
export function readCursor(listing: Listing, cursor: string | undefined): string {
  if (cursor === undefined) return ''
  const prefix = PREFIX[listing]
  if (!cursor.startsWith(prefix) || cursor.length === prefix.length) throw new CursorError()
  return cursor.slice(prefix.length)
}

/** Where a page of a subject's grants ended, in the order that the interface asks for. */
export interface SubjectPosition {
  readonly createdAt: number
  readonly id: string
}

export function subjectCursor({ createdAt, id }: SubjectPosition): string {
  return cursorAt('subject', `${createdAt}.${id}`)
}

/**
 * The position after which the page begins; undefined without a cursor.
 *
 * @throws CursorError for a cursor that {@link subjectCursor} did not make
 */
export function readSubjectCursor(cursor: string | undefined): SubjectPosition | undefined {
  if (cursor === undefined) return undefined
  const [, createdAt, id] = /^(-?\d{1,16})\.(.*)$/s.exec(readCursor('subject', cursor)) ?? []
  if (createdAt === undefined || id === undefined) throw new CursorError()
  return { createdAt: Number(createdAt), id }
}
