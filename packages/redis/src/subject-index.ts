import { setTimeout as delay } from 'node:timers/promises'

import { cursorAt, pageOf, readCursor } from '@oauth-ratchet/core'
import type { GrantRecord, Page } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { entriesBetween } from './entries-between.js'
import { behind, entryOf, placeOf, positionOf, readEntry, UNKNOWN } from './index-entry.js'
import type { IndexedGrant, List } from './index-entry.js'
import type { Keys } from './keys.js'
import { timeArgument } from './script-arguments.js'
import { indexAdd, indexRemove } from './scripts.js'

export interface SubjectPage {
  readonly grants: readonly IndexedGrant[]
  readonly cursor?: string
}

/** How many other entries a new one has looked at: so many that those that lead nowhere stay a small part. */
const SAMPLE_SIZE = 5

/** How long a caller waits for entries to be removed, which is no part of what it was asked for. */
const PATIENCE_MS = 250

/**
 * The grants of each subject: a sorted set in which every score is 0, so that its order is that of the entries. It holds
 * two lists, that of all grants and that of the redeemed ones, each by time of creation, then id.
 *
 * An entry is only a hint. It is there before its grant is, it stays when the grant is sealed anew under another hash,
 * and it may outlive the grant; so whoever reads it looks at the grant.
 */
export class SubjectIndex {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /**
   * Enters a grant in these lists, in none to have the index live as long as the grant can, and answers some of the
   * others for {@link SubjectIndex.forget}.
   */
  async enter(
    subjectHash: string,
    grant: IndexedGrant,
    lists: readonly List[],
    absoluteExpiresAt: number | null,
    deadline: Deadline,
  ): Promise<readonly IndexedGrant[]> {
    const limit = absoluteExpiresAt === null ? '' : timeArgument(absoluteExpiresAt)
    const entries = lists.map((list) => entryOf(list, grant))
    const sample = (await this.#connection.run(
      indexAdd,
      [this.#keys.subject(subjectHash)],
      // The time is for the index's own expiry, which no answer depends on.
      [timeArgument(Date.now()), limit, String(SAMPLE_SIZE), ...entries],
      deadline,
    )) as Buffer[]
    return merged(sample.map(String)).filter(({ id }) => id !== grant.id)
  }

  /**
   * A page of a list under all hashes in one order, so that a grant that a turn moves to another hash during a walk
   * keeps its place in it.
   *
   * @param ending what the entries end with: a page of those alone
   */
  async page(
    list: List,
    hashes: readonly string[],
    { limit, cursor }: Page,
    deadline: Deadline,
    ending?: string,
  ): Promise<SubjectPage> {
    const bounds = behind(list, readCursor('subject', cursor))
    const found = await Promise.all(
      hashes.map((hash) =>
        entriesBetween(this.#connection, this.#keys.subject(hash), bounds, limit + 1, deadline, ending),
      ),
    )
    // As far as every one of the lists has been looked through.
    const [reached] = found
      .flatMap((each) => each.reached ?? [])
      .map(placeIn)
      .toSorted()
    const known = merged(found.flatMap(({ entries }) => entries)).filter(
      (grant) => reached === undefined || positionOf(grant) <= reached,
    )
    const { entries: grants, ...rest } = pageOf(known, limit, (last) => cursorAt('subject', positionOf(last)))
    return reached === undefined
      ? { grants, ...rest }
      : { grants, cursor: cursorAt('subject', reached), ...rest }
  }

  /**
   * Removes entries that lead nowhere. What it cannot remove a later reader will, so it never rejects, and soon
   * lets its caller go on: of a cluster the index may be on a node that is just failing.
   *
   * With no deadline of its caller's: it changes nothing that anybody is answered.
   */
  async forget(
    hashes: readonly string[],
    grants: readonly Pick<GrantRecord, 'id' | 'createdAt'>[],
    lists: readonly List[] = ['all', 'redeemed'],
  ): Promise<void> {
    if (grants.length === 0 || hashes.length === 0) return
    const places = grants.flatMap((grant) => lists.map((list) => placeOf(list, grant)))
    const removals = hashes.map((hash) =>
      this.#connection.run(indexRemove, [this.#keys.subject(hash)], places),
    )
    await Promise.race([Promise.allSettled(removals), delay(PATIENCE_MS, undefined, { ref: false })])
  }
}

function placeIn(entry: string): string {
  return positionOf(readEntry(entry))
}

/** Each grant once, in order. Where it has entries under several hashes, its session is no longer what the older says. */
function merged(entries: readonly string[]): IndexedGrant[] {
  const grants = new Map<string, IndexedGrant>()
  for (const grant of entries.toSorted().map(readEntry)) {
    const position = positionOf(grant)
    const other = grants.get(position)
    const isSame = other === undefined || other.session === grant.session
    grants.set(position, isSame ? grant : { ...grant, session: UNKNOWN })
  }
  return [...grants.values()]
}
