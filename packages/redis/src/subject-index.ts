import { setTimeout as delay } from 'node:timers/promises'

import { cursorAt, pageOf, readCursor } from '@oauth-ratchet/core'
import type { GrantRecord, Page } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { entriesAfter } from './entries-after.js'
import type { Keys } from './keys.js'
import { timeArgument } from './script-arguments.js'
import { indexAdd } from './scripts.js'

/** Where a grant stands in its subject's index. */
export type IndexedGrant = Pick<GrantRecord, 'id' | 'createdAt'>

export interface SubjectPage {
  readonly grants: readonly IndexedGrant[]
  readonly cursor?: string
}

/** 36 to the power of ten milliseconds are a hundred thousand years. */
const TIME_LENGTH = 10

/** How many other entries a new one has looked at: so many that those that lead nowhere stay a small part. */
const SAMPLE_SIZE = 5

/** How long a caller waits for entries to be removed, which is no part of what it was asked for. */
const PATIENCE_MS = 250

/**
 * The grants of each subject: a sorted set in which every score is 0, so that its order is that of the entries, time
 * of creation first, then id. An entry is only a hint. It is there before its grant is, it stays when the grant is
 * sealed anew under another hash, and it may outlive the grant; so whoever reads it looks at the grant.
 */
export class SubjectIndex {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** Enters a grant, and answers some of the others for {@link SubjectIndex.forget}. */
  async add(
    subjectHash: string,
    grant: IndexedGrant,
    absoluteExpiresAt: number | null,
    deadline: Deadline,
  ): Promise<readonly IndexedGrant[]> {
    const entry = entryOf(grant)
    const limit = absoluteExpiresAt === null ? '' : timeArgument(absoluteExpiresAt)
    // The time is for the index's own expiry, which no answer depends on.
    const parameters = [entry, timeArgument(Date.now()), limit, String(SAMPLE_SIZE)]
    const sample = (await this.#connection.run(
      indexAdd,
      [this.#keys.subject(subjectHash)],
      parameters,
      deadline,
    )) as Buffer[]
    return sample
      .map(String)
      .filter((other) => other !== entry)
      .map(grantOf)
  }

  /**
   * A page of the entries under all hashes in one order, so that a grant that a turn moves to another hash during a
   * walk keeps its place in it.
   */
  async page(hashes: readonly string[], page: Page, deadline: Deadline): Promise<SubjectPage> {
    const { limit, cursor } = page
    const after = readCursor('subject', cursor)
    const found = await Promise.all(
      hashes.map((hash) =>
        entriesAfter(this.#connection, this.#keys.subject(hash), after, limit + 1, deadline),
      ),
    )
    const distinct = [...new Set(found.flat())].toSorted()
    const { entries, ...rest } = pageOf(distinct, limit, (last) => cursorAt('subject', last))
    return { grants: entries.map(grantOf), ...rest }
  }

  /**
   * Removes entries that lead nowhere. What it cannot remove a later reader will, so it never rejects, and soon
   * lets its caller go on: of a cluster the index may be on a node that is just failing.
   *
   * With no deadline of its caller's: it changes nothing that anybody is answered.
   */
  async forget(hashes: readonly string[], grants: readonly IndexedGrant[]): Promise<void> {
    if (grants.length === 0) return
    const entries = grants.map(entryOf)
    const removals = hashes.map((hash) =>
      this.#connection.send((commands) => commands.zrem(this.#keys.subject(hash), ...entries)),
    )
    await Promise.race([Promise.allSettled(removals), delay(PATIENCE_MS, undefined, { ref: false })])
  }
}

function entryOf({ id, createdAt }: IndexedGrant): string {
  return createdAt.toString(36).padStart(TIME_LENGTH, '0') + id
}

function grantOf(entry: string): IndexedGrant {
  return { createdAt: Number.parseInt(entry.slice(0, TIME_LENGTH), 36), id: entry.slice(TIME_LENGTH) }
}
