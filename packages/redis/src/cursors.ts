import { CursorError, cursorAt, readCursor } from '@oauth-ratchet/core'
import type { Listing } from '@oauth-ratchet/core'

/** How far a walk over all keys of a kind has come. */
export interface ScanPosition {
  /** The servers that are left; the first is being walked. */
  readonly servers: readonly string[]
  /** The first server's own cursor. */
  readonly cursor: string
  /** What the server has answered and the page before had no room for. */
  readonly keys: readonly string[]
}

export function scanCursor(listing: Listing, { servers, cursor, keys }: ScanPosition): string {
  return cursorAt(listing, Buffer.from(JSON.stringify([servers, cursor, keys])).toString('base64url'))
}

/**
 * @returns undefined without a cursor
 * @throws CursorError for one that {@link scanCursor} did not make
 */
export function readScanCursor(listing: Listing, cursor: string | undefined): ScanPosition | undefined {
  if (cursor === undefined) return undefined
  const [servers, serverCursor, keys] = listIn(readCursor(listing, cursor))
  if (!areStrings(servers) || !areStrings(keys)) throw new CursorError()
  if (typeof serverCursor !== 'string' || !/^\d{1,20}$/.test(serverCursor)) throw new CursorError()
  return { servers, cursor: serverCursor, keys }
}

function listIn(position: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(Buffer.from(position, 'base64url').toString())
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

function areStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
