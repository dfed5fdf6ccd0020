import { createHash } from 'node:crypto'

import type { GrantRecord, RevokeFilter } from '@oauth-ratchet/core'

import type { Bounds } from './entries-between.js'

/**
 * The two lists of an index: `all` grants of the subject, unredeemed codes too, and the `redeemed` ones, where a grant's
 * entry is written before it leaves generation 0.
 */
export type List = 'all' | 'redeemed'

/** What the index knows of a grant. */
export interface IndexedGrant extends Pick<GrantRecord, 'id' | 'createdAt'> {
  /** The mark of its client. */
  readonly client: string
  /** The mark of its session; {@link UNKNOWN} where only the grant itself can tell. */
  readonly session: string
}

const LETTERS: Readonly<Record<List, string>> = { all: 'g', redeemed: 'r' }

/** 36 to the power of ten milliseconds are a hundred thousand years. */
const TIME_LENGTH = 10
const MARK_LENGTH = 8

/** The mark of the session of a grant that has been sealed anew: it exists, so a filter can look at it. */
export const UNKNOWN = ''
const NO_SESSION = '-'

/**
 * What an entry has of a client or a session: enough to pass a grant over without reading it. Always as short, so that
 * an entry stays below the 64 bytes up to which Redis keeps a small set in the compact form. Two that share a mark are
 * distinguished by the grant.
 */
function markOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, MARK_LENGTH)
}

export function indexed(grant: GrantRecord): IndexedGrant {
  const { id, createdAt, clientId, sessionHash } = grant
  const session = sessionHash === undefined ? NO_SESSION : markOf(sessionHash)
  return { id, createdAt, client: markOf(clientId), session }
}

/** The order of both lists: time of creation first, then id. */
export function positionOf({ id, createdAt }: Pick<GrantRecord, 'id' | 'createdAt'>): string {
  return createdAt.toString(36).padStart(TIME_LENGTH, '0') + id
}

/** What every entry of the grant in this list begins with. */
export function placeOf(list: List, grant: Pick<GrantRecord, 'id' | 'createdAt'>): string {
  return LETTERS[list] + positionOf(grant)
}

/** The space sorts before every letter of an id, so that the order of entries is that of their positions. */
export function entryOf(list: List, grant: IndexedGrant): string {
  const marks = list === 'all' ? grant.client + grant.session : grant.client
  return `${placeOf(list, grant)} ${marks}`
}

export function readEntry(entry: string): IndexedGrant {
  const [position = '', marks = ''] = entry.slice(1).split(' ')
  return {
    id: position.slice(TIME_LENGTH),
    createdAt: Number.parseInt(position.slice(0, TIME_LENGTH), 36),
    client: marks.slice(0, MARK_LENGTH),
    session: marks.slice(MARK_LENGTH),
  }
}

/** The entries of a list behind a position; all of them where it is empty. */
export function behind(list: List, position: string): Bounds {
  const letter = LETTERS[list]
  return { from: position === '' ? `[${letter}` : `(${letter}${position}!`, to: `[${letter}~` }
}

/** What the entries of a client's redeemed grants end with. */
export function endingOf(clientId: string): string {
  return ` ${markOf(clientId)}`
}

/** Tells of entries whether the filter may select their grants. */
export function filterOfEntries(
  filter: Pick<RevokeFilter, 'clientId' | 'sessionHash' | 'except' | 'exceptSessions' | 'createdBefore'>,
): (grant: IndexedGrant) => boolean {
  const { clientId, sessionHash, except, createdBefore = Number.POSITIVE_INFINITY } = filter
  const client = clientId === undefined ? undefined : markOf(clientId)
  const session = sessionHash === undefined ? undefined : markOf(sessionHash)
  const spared = new Set(filter.exceptSessions?.map(markOf))
  return (grant) =>
    grant.id !== except &&
    grant.createdAt < createdBefore &&
    !spared.has(grant.session) &&
    (client === undefined || grant.client === client) &&
    (session === undefined || grant.session === session || grant.session === UNKNOWN)
}
