/**
 * What a page says about where the next one begins. The first letter keeps a cursor of one listing from being taken
 * for another's; what does not read as one of ours is a RangeError.
 */
export type IndexListing = 'subject' | 'clients'

const PREFIX: Record<IndexListing, string> = { subject: 's.', clients: 'c.' }

/** @param entry the last entry of the page */
export function indexCursor(listing: IndexListing, entry: string): string {
  return PREFIX[listing] + entry
}

/** The entry after which the page begins; without a cursor the empty string, which stands before every entry. */
export function readIndexCursor(listing: IndexListing, cursor: string | undefined): string {
  if (cursor === undefined) return ''
  if (!cursor.startsWith(PREFIX[listing]) || cursor.length === PREFIX[listing].length) throw foreignCursor()
  return cursor.slice(PREFIX[listing].length)
}

/** How far a walk over all grants has come. */
export interface ScanPosition {
  /** The servers that are left; the first is being walked. */
  readonly servers: readonly string[]
  /** The first server's own cursor. */
  readonly cursor: string
  /** What the server has answered and the page before had no room for. */
  readonly ids: readonly string[]
}

const SCAN_PREFIX = 'g.'

export function scanCursor({ servers, cursor, ids }: ScanPosition): string {
  return SCAN_PREFIX + Buffer.from(JSON.stringify([servers, cursor, ids])).toString('base64url')
}

/** @returns undefined without a cursor */
export function readScanCursor(cursor: string | undefined): ScanPosition | undefined {
  if (cursor === undefined) return undefined
  if (!cursor.startsWith(SCAN_PREFIX)) throw foreignCursor()
  let position: unknown
  try {
    position = JSON.parse(Buffer.from(cursor.slice(SCAN_PREFIX.length), 'base64url').toString())
  } catch {
    throw foreignCursor()
  }
  if (!Array.isArray(position)) throw foreignCursor()
  const [servers, serverCursor, ids]: unknown[] = position
  if (!areStrings(servers) || !areStrings(ids)) throw foreignCursor()
  if (typeof serverCursor !== 'string' || !/^\d{1,20}$/.test(serverCursor)) throw foreignCursor()
  return { servers, cursor: serverCursor, ids }
}

function areStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function foreignCursor(): RangeError {
  return new RangeError('This cursor was not made by this listing: pass the cursor of the page before')
}
