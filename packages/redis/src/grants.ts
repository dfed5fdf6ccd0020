import { isListed } from '@oauth-ratchet/core'
import type {
  GrantChanges,
  GrantPage,
  GrantRecord,
  GrantStore,
  ListFilter,
  Page,
  Reseal,
  RevocationReason,
  RevokeFilter,
  RevokeOptions,
  RevokeResult,
  TurnChange,
  TurnExpectation,
  TurnResult,
} from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { decodeGrant, encodeGrant } from './grant-record.js'
import { scanGrantIds } from './scan-grant-ids.js'
import type { Keys } from './keys.js'
import { packStrings } from './packed-strings.js'
import { numberArgument, timeArgument } from './script-arguments.js'
import {
  grantAmend,
  grantCreate,
  grantRenewAccessNonce,
  grantRevoke,
  grantRevokeListed,
  grantTurn,
} from './scripts.js'
import type { Script } from './define-script.js'
import { SubjectIndex } from './subject-index.js'
import type { IndexedGrant } from './subject-index.js'

/**
 * How old an entry of an index must be before it is removed for want of its grant: a younger one may belong to a grant
 * that is just being created. Far longer than anybody waits for that.
 */
const CREATION_MS = 60_000

/** Grants, one key each: every change is one script on that key, so one slot of a cluster and one round trip. */
export class RedisGrants implements GrantStore {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #index: SubjectIndex

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
    this.#index = new SubjectIndex(connection, keys)
  }

  async create(record: GrantRecord): Promise<boolean> {
    const { subjectHash } = record
    const deadline = this.#connection.deadline()
    const others = await this.#index.add(subjectHash, record, record.absoluteExpiresAt, deadline)
    void this.#forgetEnded(subjectHash, others, record.createdAt)
    const parameters = [encodeGrant(record), timeArgument(record.expiresAt)]
    const reply = await this.#run(grantCreate, record.id, parameters, deadline)
    if (reply === null) return true
    const present = decodeGrant(record.id, reply, 0, 'unknown')
    // Not where it is alive under this hash: that entry is the living one's.
    if (present.revoked !== undefined || present.subjectHash !== subjectHash) {
      await this.#index.forget([subjectHash], [record])
    }
    return present.nonce === record.nonce
  }

  find(id: string): Promise<GrantRecord | undefined> {
    return this.#find(id)
  }

  async turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult> {
    const { reseal } = next
    const deadline = this.#connection.deadline()
    if (reseal !== undefined) await this.#enterUnderNewHash(id, reseal, deadline)
    const parameters = [
      numberArgument(expected.now),
      numberArgument(expected.generation),
      numberArgument(expected.maxFormat),
      numberArgument(next.maxIdleLifetime),
      packStrings([
        expected.nonce,
        expected.clientId,
        expected.boundKey,
        next.nonce,
        next.keyHash,
        next.seen,
      ]),
      ...(reseal === undefined ? [] : resealArguments(reseal)),
    ]
    const { done, grant } = readAnswer(id, await this.#run(grantTurn, id, parameters, deadline))
    return { turned: done, grant }
  }

  async amend(id: string, expectedRevision: number, changes: GrantChanges): ReturnType<GrantStore['amend']> {
    const { lifetimes } = changes
    const deadline = this.#connection.deadline()
    if (lifetimes !== undefined) await this.#lengthenIndex(id, lifetimes.absoluteExpiresAt, deadline)
    const parameters = [
      numberArgument(changes.now),
      numberArgument(expectedRevision),
      numberArgument(changes.format ?? null),
      packStrings([changes.facts, changes.seen]),
      ...(lifetimes === undefined
        ? []
        : [numberArgument(lifetimes.idleLifetime), numberArgument(lifetimes.absoluteExpiresAt)]),
    ]
    const { done, grant } = readAnswer(id, await this.#run(grantAmend, id, parameters, deadline))
    return { amended: done, grant }
  }

  async renewAccessNonce(id: string, accessNonce: string): Promise<boolean> {
    const parameters = [packStrings([accessNonce])]
    return Number(await this.#connection.run(grantRenewAccessNonce, [this.#keys.grant(id)], parameters)) === 1
  }

  async revoke(
    id: string,
    reason: RevocationReason,
    at: number,
    options: RevokeOptions,
  ): Promise<RevokeResult> {
    const { subjectHashes, keepUntil, by } = options
    const parameters = [
      numberArgument(at),
      numberArgument(keepUntil),
      packStrings([reason, by]),
      ...(subjectHashes === undefined ? [] : [packStrings(subjectHashes)]),
    ]
    const { done: ended, grant: before } = readAnswer(id, await this.#run(grantRevoke, id, parameters))
    const isRevoked = ended || before?.revoked !== undefined || subjectHashes === undefined
    if (before !== undefined && isRevoked) await this.#index.forget([before.subjectHash], [before])
    return { ended, before }
  }

  async listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    const under = [...new Set(hashes)]
    const deadline = this.#connection.deadline()
    const { grants: indexed, ...rest } = await this.#index.page(under, page, deadline)
    const found = await Promise.all(
      indexed.map(async (entry) => ({ entry, grant: await this.#find(entry.id, deadline) })),
    )
    const ended = found.filter(({ entry, grant }) => hasEnded(entry, grant, filter.now))
    await this.#index.forget(
      under,
      ended.map(({ entry }) => entry),
    )
    const grants = found.flatMap(({ grant }) => grant ?? [])
    return {
      ...rest,
      grants: grants.filter((grant) => under.includes(grant.subjectHash) && isListed(grant, filter)),
    }
  }

  async revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    const { except, createdBefore = Number.POSITIVE_INFINITY } = filter
    const under = [...new Set(hashes)]
    const deadline = this.#connection.deadline()
    const { grants: indexed, ...rest } = await this.#index.page(under, page, deadline)
    const meant = indexed.filter(({ id, createdAt }) => id !== except && createdAt < createdBefore)
    const parameters = [
      numberArgument(filter.at),
      numberArgument(filter.keepUntil),
      packStrings([filter.reason, filter.by, filter.clientId, filter.sessionHash]),
      packStrings(under),
    ]
    const answers = await Promise.all(
      meant.map(async (entry) => {
        const reply = await this.#run(grantRevokeListed, entry.id, parameters, deadline)
        return { entry, reply, ...readAnswer(entry.id, reply) }
      }),
    )
    // The entries of what this call ended stay for a reader to come: run again, it answers the same.
    const ended = answers.filter(({ reply, done }) => reply !== null && !done)
    await this.#index.forget(
      under,
      ended.map(({ entry }) => entry),
    )
    return { ...rest, grants: answers.flatMap(({ done, grant }) => (done && grant) || []) }
  }

  async scan(page: Page): Promise<GrantPage> {
    const deadline = this.#connection.deadline()
    const { ids, ...rest } = await scanGrantIds(this.#connection, this.#keys, page, deadline)
    const found = await Promise.all(ids.map((id) => this.#find(id, deadline)))
    return { ...rest, grants: found.flatMap((grant) => grant ?? []) }
  }

  /** Nothing to do: every key expires by itself. */
  async purgeExpired(): Promise<number> {
    return 0
  }

  async #find(id: string, deadline?: Deadline): Promise<GrantRecord | undefined> {
    const value = await this.#connection.send(
      (commands) => commands.getexBuffer(this.#keys.grant(id)),
      deadline,
    )
    return value === null ? undefined : decodeGrant(id, value)
  }

  #run(
    script: Script,
    id: string,
    parameters: readonly (string | Buffer)[],
    deadline?: Deadline,
  ): Promise<Buffer | null> {
    const running = this.#connection.run(script, [this.#keys.grant(id)], parameters, deadline)
    return running as Promise<Buffer | null>
  }

  /** Before the turn, and even if that will be refused: a grant that no index leads to could not be ended. */
  async #enterUnderNewHash(id: string, reseal: Reseal, deadline: Deadline): Promise<void> {
    const grant = await this.#find(id, deadline)
    if (grant === undefined || grant.subjectHash === reseal.subjectHash) return
    await this.#index.add(reseal.subjectHash, grant, grant.absoluteExpiresAt, deadline)
  }

  async #lengthenIndex(id: string, absoluteExpiresAt: number | null, deadline: Deadline): Promise<void> {
    const grant = await this.#find(id, deadline)
    if (grant === undefined || grant.revoked !== undefined) return
    await this.#index.add(grant.subjectHash, grant, absoluteExpiresAt, deadline)
  }

  /** Housekeeping beside a creation, which neither waits for it nor fails with it. */
  async #forgetEnded(subjectHash: string, others: readonly IndexedGrant[], now: number): Promise<void> {
    const looked = await Promise.allSettled(others.map(({ id }) => this.find(id)))
    const ended = others.filter((entry, index) => {
      const look = looked[index]
      return look?.status === 'fulfilled' && hasEnded(entry, look.value, now)
    })
    await this.#index.forget([subjectHash], ended)
  }
}

function hasEnded(entry: IndexedGrant, grant: GrantRecord | undefined, now: number): boolean {
  return grant === undefined ? entry.createdAt < now - CREATION_MS : grant.revoked !== undefined
}

function resealArguments(reseal: Reseal): (string | Buffer)[] {
  return [
    numberArgument(reseal.revision),
    numberArgument(reseal.format),
    packStrings([reseal.facts, reseal.subjectHash, reseal.sessionHash]),
  ]
}

const YES = 0x31

/** What most scripts answer: '1' or '0', and behind it the record if there is one. */
function readAnswer(
  id: string,
  reply: Buffer | null,
): { readonly done: boolean; readonly grant: GrantRecord | undefined } {
  if (reply === null) return { done: false, grant: undefined }
  const done = reply[0] === YES
  // The script has run: what it did is done, whether or not its answer can be read.
  return { done, grant: reply.length > 1 ? decodeGrant(id, reply, 1, 'unknown') : undefined }
}
