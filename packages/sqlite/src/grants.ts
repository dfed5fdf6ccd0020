import {
  amendRecord,
  cursorAt,
  isAmendable,
  isListed,
  isSelected,
  pageOf,
  readCursor,
  readSubjectCursor,
  revocation,
  revokedRecord,
  subjectCursor,
} from '@oauth-ratchet/core'
import type {
  GrantChanges,
  GrantPage,
  GrantRecord,
  GrantStore,
  ListFilter,
  Page,
  RevocationReason,
  RevokeFilter,
  RevokeOptions,
  RevokeResult,
  ScanFilter,
  SubjectPosition,
  TurnChange,
  TurnExpectation,
  TurnResult,
} from '@oauth-ratchet/core'

import type { Connection } from './connection.js'
import { fromRow, fromTurnedRow, toRow } from './grant-rows.js'
import type { GrantRow } from './grant-rows.js'
import { prepareGrants, preparePurges } from './grant-statements.js'
import type { GrantStatements, TurnParameters } from './grant-statements.js'

/** Pages are no longer than this, whatever is asked for: nobody else is served while one is read or written. */
const MOST_PER_PAGE = 100

/** Before everything. */
const BEGINNING: SubjectPosition = { createdAt: Number.MIN_SAFE_INTEGER, id: '' }

/** The turn is one statement; what else changes a record reads it and writes it in one transaction. */
export class SqliteGrants implements GrantStore {
  readonly #connection: Connection
  readonly #statements: () => GrantStatements
  readonly #purges: () => ReturnType<typeof preparePurges>

  constructor(connection: Connection) {
    this.#connection = connection
    this.#statements = connection.statements(prepareGrants)
    this.#purges = connection.statements(preparePurges)
  }

  async create(record: GrantRecord): Promise<boolean> {
    const row = toRow(record)
    const inserted = await this.#connection.write(() => this.#statements().insert.run(row).changes)
    return inserted === 1 || (await this.find(record.id))?.nonce === record.nonce
  }

  find(id: string): Promise<GrantRecord | undefined> {
    return this.#connection.attempt(() => this.#read(id))
  }

  async turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult> {
    const { reseal, offline = next } = next
    const parameters: TurnParameters = {
      id,
      now: expected.now,
      generation: expected.generation,
      nonce: expected.nonce,
      client_id: expected.clientId,
      bound_key: expected.boundKey ?? null,
      max_format: expected.maxFormat,
      next_nonce: next.nonce,
      next_key_hash: next.keyHash ?? null,
      max_idle_lifetime: next.maxIdleLifetime,
      max_absolute_lifetime: next.maxAbsoluteLifetime,
      offline_max_idle_lifetime: offline.maxIdleLifetime,
      offline_max_absolute_lifetime: offline.maxAbsoluteLifetime,
      seen: next.seen ?? null,
    }
    const turned = await this.#connection.write(() => {
      const { turn, turnAndReseal, redeem, redeemAndReseal } = this.#statements()
      const isCode = expected.generation === 0
      if (reseal === undefined) return (isCode ? redeem : turn).get(parameters)
      return (isCode ? redeemAndReseal : turnAndReseal).get({
        ...parameters,
        reseal_revision: reseal.revision,
        format: reseal.format,
        facts: reseal.facts,
        subject_hash: reseal.subjectHash,
        session_hash: reseal.sessionHash ?? null,
      })
    })
    if (turned !== undefined) return { turned: true, grant: fromTurnedRow(turned, id, expected, next) }
    return { turned: false, grant: await this.find(id) }
  }

  amend(id: string, expectedRevision: number, changes: GrantChanges): ReturnType<GrantStore['amend']> {
    return this.#connection.write(() => {
      const record = this.#read(id)
      if (record === undefined || !isAmendable(record, expectedRevision, changes.now)) {
        return { amended: false, grant: record }
      }
      return { amended: true, grant: this.#replace(amendRecord(record, changes)) }
    })
  }

  async renewAccessNonce(id: string, accessNonce: string): Promise<boolean> {
    const { changes } = await this.#connection.write(() =>
      this.#statements().renewAccessNonce.run(accessNonce, id),
    )
    return changes === 1
  }

  revoke(id: string, reason: RevocationReason, at: number, options: RevokeOptions): Promise<RevokeResult> {
    return this.#connection.write(() => {
      const before = this.#read(id)
      const { ended, after } = revocation(id, before, { at, reason, by: options.by }, options)
      if (after !== undefined) this.#replace(after)
      return { ended, before }
    })
  }

  async listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    const { clientId } = filter
    const found = await this.#connection.read(() => {
      const { pageOfSubject: pageOfAll, pageOfListed, pageOfListedOfClient } = this.#statements()
      if (filter.pending === true) {
        return pageOfSubject(hashes, page, (hash, { createdAt, id }, limit) =>
          pageOfAll.all(hash, createdAt, id, limit),
        )
      }
      return pageOfSubject(hashes, page, (hash, { createdAt, id }, limit) =>
        clientId === undefined
          ? pageOfListed.all(hash, createdAt, id, limit)
          : pageOfListedOfClient.all(hash, clientId, createdAt, id, limit),
      )
    })
    return { ...found, grants: found.grants.filter((grant) => isListed(grant, filter)) }
  }

  async revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    const { at, reason, by, keepUntil } = filter
    return this.#connection.write(() => {
      const found = pageOfSubject(hashes, page, (hash, { createdAt, id }, limit) =>
        this.#statements().pageOfSubject.all(hash, createdAt, id, limit),
      )
      const grants = found.grants.filter((grant) => isSelected(grant, filter))
      for (const grant of grants) {
        if (grant.revoked === undefined) this.#replace(revokedRecord(grant, { at, reason, by }, keepUntil))
      }
      return { ...found, grants }
    })
  }

  async scan({ cursor, limit: asked }: Page, { clientId }: ScanFilter = {}): Promise<GrantPage> {
    const after = readCursor('grants', cursor)
    const limit = Math.min(asked, MOST_PER_PAGE)
    const rows = await this.#connection.attempt(() => {
      const { page, pageOfClient } = this.#statements()
      return clientId === undefined
        ? page.all(after, limit + 1)
        : pageOfClient.all(clientId, after, limit + 1)
    })
    const { entries: grants, ...rest } = pageOf(rows.map(fromRow), limit, ({ id }) => cursorAt('grants', id))
    return { grants, ...rest }
  }

  purgeExpired(now: number, limit: number): Promise<number> {
    return this.#connection.write(() => {
      let removed = 0
      for (const purge of this.#purges()) removed += purge.run(now, limit - removed).changes
      return removed
    })
  }

  #read(id: string): GrantRecord | undefined {
    const row = this.#statements().find.get(id)
    return row && fromRow(row)
  }

  #replace(record: GrantRecord): GrantRecord {
    this.#statements().replace.run(toRow(record))
    return record
  }
}

/**
 * The next grants of the subject that an index has. They are in one order over all hashes: a grant that a turn moves to
 * another hash during a walk keeps its place in it.
 */
function pageOfSubject(
  hashes: readonly string[],
  { cursor, limit: asked }: Page,
  read: (hash: string, after: SubjectPosition, limit: number) => readonly GrantRow[],
): GrantPage {
  const after = readSubjectCursor(cursor) ?? BEGINNING
  const limit = Math.min(asked, MOST_PER_PAGE)
  const found = [...new Set(hashes)]
    .flatMap((hash) => read(hash, after, limit + 1).map(fromRow))
    .toSorted((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1))
  const { entries: grants, ...rest } = pageOf(found, limit, subjectCursor)
  return { grants, ...rest }
}
