import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from '../clients/client.js'
import type { Events } from '../events.js'
import { OAuthError } from '../faults/errors.js'
import type { OAuthErrorCode } from '../faults/errors.js'
import type { Origin } from '../http/origin.js'
import type { Settings } from '../options/settings.js'
import { underAbsoluteLimit } from '../ratchet/limits.js'
import type { Revoker } from '../ratchet/revoker.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { endedAtOnce, everyPage, readAtOnce } from '../storage/every-page.js'
import type { GrantRecord, GrantStore, Page } from '../storage/storage.js'

/** How often the grants are listed again because one that was to end was refreshed in between. */
const mostRounds = 10
/** How long a sign-in waits for others that are about to be refused, in ms; after the last it is refused itself. */
const waits = [5, 10, 20, 40, 80]

/** How many live grants a subject may have: at one client, and in all. Null: no limit. */
interface Limits {
  readonly ofClient: number | null
  readonly ofSubject: number | null
}

/** One look at the limits, by one sign-in. */
interface Keeping {
  readonly subject: string
  readonly limits: Limits
  readonly origin: Origin
  /** Its session is older than the grant: an outage does not end it. */
  readonly imported?: boolean
}

type Order = (one: GrantRecord, other: GrantRecord) => number

/**
 * Keeps the number of live grants of a subject within its limits. Every sign-in lists the grants once its own is live, so
 * that whichever of several at the same time looks last sees all of them: ADR 14 has the proof.
 */
export class LimitKeeper {
  readonly #settings: Settings
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #revoker: Revoker
  readonly #events: Events

  constructor(parts: {
    settings: Settings
    grants: GrantStore
    ring: KeyRing
    revoker: Revoker
    events: Events
  }) {
    this.#settings = parts.settings
    this.#store = parts.grants
    this.#ring = parts.ring
    this.#revoker = parts.revoker
    this.#events = parts.events
  }

  /**
   * With `atLimit: 'refuse'`: whether one more grant may begin, asked before anything is stored or consumed.
   *
   * @param code of the error, as the endpoint has it
   * @throws OAuthError where the subject has as many as may be
   */
  async assertRoom(client: Client, subject: string, code: OAuthErrorCode = 'invalid_grant'): Promise<void> {
    const limits = this.#limits(client)
    if (this.#settings.atLimit !== 'refuse' || isUnlimited(limits)) return
    const live = await this.#live(client, subject, limits)
    const { ofClient, ofSubject } = counted(live, client)
    if (ofClient >= most(limits.ofClient) || ofSubject >= most(limits.ofSubject)) throw refusal(code)
  }

  /**
   * Called once a grant is live. With `end-oldest` and `end-least-recently-used` it ends all beyond the limits, the grant
   * that has just begun included; an outage is reported and ends nothing. With `refuse` it ends the grant that has just
   * begun where there are too many.
   *
   * @param imported the grant goes on from a session of before: an outage is only reported with `refuse` too
   * @throws OAuthError `invalid_grant` with `refuse`
   * @throws StorageError with `refuse`, where nobody can say how many there are; the grant has been ended if that could be
   */
  async keep(
    client: Client,
    record: GrantRecord,
    subject: string,
    origin: Origin,
    imported = false,
  ): Promise<void> {
    const limits = this.#limits(client)
    if (isUnlimited(limits)) return
    if (this.#settings.atLimit === 'refuse')
      return this.#refuseBeyond(client, record, { subject, limits, origin, imported })
    try {
      await this.#endBeyond(client, { subject, limits, origin })
    } catch (error) {
      // The grant stands; that an older one outlives the limit is not worth refusing it.
      this.#report(error, origin)
    }
  }

  #report(error: unknown, origin: Origin): void {
    this.#events.emit('request.failed', { phase: 'storage', error, requestId: origin.requestId })
  }

  #limits(client: Client): Limits {
    return {
      ofClient: client.maxGrantsPerSubject ?? this.#settings.maxPerSubjectAndClient,
      ofSubject: this.#settings.maxPerSubject,
    }
  }

  async #endBeyond(client: Client, { subject, limits, origin }: Keeping): Promise<void> {
    const byUse = this.#settings.atLimit === 'end-least-recently-used'
    for (let round = 0; round < mostRounds; round++) {
      const live = await this.#live(client, subject, limits)
      const beyond = beyondLimits(live, client, limits, byUse ? leastRecentlyUsedFirst : oldestFirst)
      const ended: boolean[] = []
      for (let start = 0; start < beyond.length; start += endedAtOnce) {
        const some = beyond.slice(start, start + endedAtOnce)
        // A grant that was refreshed since it was listed is not the least recently used any more.
        const end = ({ id, nonce }: GrantRecord) =>
          this.#revoker.revoke(id, 'limit', byUse ? { origin, expected: { nonce } } : { origin })
        ended.push(...(await Promise.all(some.map(end))))
      }
      // The order of creation does not change: what this call has not ended, somebody else has.
      if (!byUse || ended.every((done) => done)) return
    }
  }

  async #refuseBeyond(
    client: Client,
    record: GrantRecord,
    { subject, limits, origin, imported }: Keeping,
  ): Promise<void> {
    try {
      for (const ms of [...waits, undefined]) {
        const live = await this.#live(client, subject, limits)
        const beyond = beyondLimits(live, client, limits, latestFirst)
        // Those that have stayed have each seen no more than may be; so of all that stay there are no more than that.
        if (beyond.length === 0) return
        if (ms === undefined || beyond.some(({ id }) => id === record.id)) break
        await wait(ms)
      }
    } catch (error) {
      if (imported === true) return this.#report(error, origin)
      await this.#revoker.revoke(record.id, 'limit', { origin }).catch(() => false)
      throw error
    }
    await this.#revoker.revoke(record.id, 'limit', { origin })
    throw refusal('invalid_grant')
  }

  /** The live grants that count: those of the client, or all where the subject has a limit of its own. */
  async #live(client: Client, subject: string, { ofSubject }: Limits): Promise<GrantRecord[]> {
    const now = this.#settings.now()
    const filter = { now, ...(ofSubject === null && { clientId: client.id }) }
    const hashes = this.#ring.subjectHashes(subject)
    const live: GrantRecord[] = []
    const list = (page: Page) => this.#store.listBySubject(hashes, filter, page)
    for await (const { grants } of everyPage(readAtOnce, list)) live.push(...grants)
    return live.filter((grant) => {
      const isOfClient = grant.clientId === client.id
      const notBefore = Math.max(this.#settings.notBefore, isOfClient ? client.notBefore : 0)
      // Over by a policy that the storage does not know: nobody could end it to make room.
      const { expiresAt } = isOfClient ? underAbsoluteLimit(client.limits, grant) : grant
      return grant.createdAt >= notBefore && expiresAt > now
    })
  }
}

/** The first of an order beyond the limits: of the client's grants first, and of what then is left of all. */
function beyondLimits(
  live: readonly GrantRecord[],
  client: Client,
  limits: Limits,
  order: Order,
): GrantRecord[] {
  const sorted = live.toSorted(order)
  const ofClient = sorted.filter(({ clientId }) => clientId === client.id)
  const beyond = ofClient.slice(0, Math.max(0, ofClient.length - most(limits.ofClient)))
  // A set: with a list it is as many comparisons as the square of what the subject has.
  const isBeyond = new Set(beyond)
  const left = sorted.filter((grant) => !isBeyond.has(grant))
  return [...beyond, ...left.slice(0, Math.max(0, left.length - most(limits.ofSubject)))]
}

function counted(live: readonly GrantRecord[], client: Client): { ofClient: number; ofSubject: number } {
  return {
    ofClient: live.filter(({ clientId }) => clientId === client.id).length,
    ofSubject: live.length,
  }
}

const most = (limit: number | null): number => limit ?? Number.POSITIVE_INFINITY

const isUnlimited = ({ ofClient, ofSubject }: Limits): boolean => ofClient === null && ofSubject === null

// Sorted here: a storage sorts within each hash.
const oldestFirst: Order = (one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)

const latestFirst: Order = (one, other) => oldestFirst(other, one)

const leastRecentlyUsedFirst: Order = (one, other) => one.turnedAt - other.turnedAt || oldestFirst(one, other)

function refusal(code: OAuthErrorCode): OAuthError {
  return new OAuthError(
    code,
    'This user has as many sessions as there may be; one of them must be ended first.',
  )
}
