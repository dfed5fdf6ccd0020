/**
 * The storage interface: facts, and one conditional write.
 *
 * A storage keeps records and compares the fields that a call names. It makes no decision of policy: whether a
 * token that lost is a retry or a theft is judged by the core from the record that the storage answers.
 *
 * What holds for every method:
 *
 * - **Times** are milliseconds since the epoch and given by the caller; a storage never asks a clock of its own
 *   whether something has expired. Its engine may remove a record at any time after the record's `expiresAt`.
 * - **Numbers**: times, lifetimes, generations, revisions and formats are whole numbers (`Number.isSafeInteger`), so
 *   that an engine may keep them as integers. A storage need not check that, and never rounds.
 * - **Atomicity**: each method that writes one record does so in one atomic step, also against other connections
 *   and other processes.
 * - **Idempotence**: a driver may send a command twice. Every write but `take` carries a value its caller made up (a
 *   nonce, a revision, an owner), so that the second arrival changes nothing more.
 * - **Reads** see every write that was answered before they began (read from the primary).
 * - **Outages** reject with a {@link StorageError}; a storage never answers "not there" because it could not look, nor
 *   a record that it could not read. A cursor of no page of its own rejects with a {@link CursorError}. Whatever else a
 *   method throws counts as a `StorageError` whose outcome is `unknown`.
 * - **Lateness**: the caller waits for a limited time (`storageTimeout`), has then answered that nothing is known, and
 *   may come again. What is written after that can be taken for somebody else's: so a method that waits before it writes,
 *   or needs several steps, has a limit of its own below that one, and begins no step behind it (`not_applied`). What
 *   was sent in time and is carried out late cannot be helped by a storage.
 */

import type {
  GrantChanges,
  GrantPage,
  ListFilter,
  RevokeFilter,
  RevokeOptions,
  RevokeResult,
  ScanFilter,
  TurnChange,
  TurnExpectation,
  TurnResult,
} from './grant-calls.js'
import type { GrantRecord, RevocationReason } from './grant-record.js'

export type * from './grant-calls.js'
export type { GrantRecord, Revocation, RevocationReason } from './grant-record.js'

/** A storage for one authorization server, or for several with different realms. */
export interface Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore
  /**
   * Brings the schema up (tables, indexes, scripts) and checks that the engine can do the work. May be called
   * more than once and by several processes at the same time; rejects with the sentence that says what is wrong.
   */
  init(): Promise<void>
  /** Resolves when the engine answers, rejects with a {@link StorageError} when it does not. */
  ping(): Promise<void>
  /** Releases what this storage itself opened, and only that: a connection that was handed in stays open. */
  close(): Promise<void>
}

/** One page of something listed. Pass `cursor` on to get the next one; without a cursor this was the last. */
export interface Page {
  /** From the page before; opaque to the caller. A cursor the storage did not make is a {@link CursorError}. */
  readonly cursor?: string
  /** Entries of the page at most, 1 to 1000. A page may hold fewer, even none, and still have a cursor. */
  readonly limit: number
}

export interface GrantStore {
  /**
   * Inserts the record if there is none under its id, in any state (a tombstone too); true if it was inserted, or
   * if the very same record (same `nonce`) is already there. The subject index is written before the grant, so
   * that no grant exists that `listBySubject` cannot find.
   *
   * The record is kept as it is given, in whatever state: `copy` of the command line writes ended grants and tombstones
   * with it, and nothing can bring those to life.
   *
   * A create whose outcome is `unknown` may still land when its caller has given up. What remains is a grant that
   * nobody has a token of: it is listed (unless it is an unredeemed code) and counted until it expires or is revoked.
   */
  create(record: GrantRecord): Promise<boolean>

  /** The record in whatever state it is; undefined when there is none. May answer an expired record. */
  find(id: string): Promise<GrantRecord | undefined>

  /**
   * The ratchet: one compare-and-set, one round trip.
   *
   * If the record is live at `expected.now`, and generation, nonce, client, bound key (where it has one) and
   * format fit, then in one write: `generation + 1`; `nonce` and `keyHash` become `previousNonce` and
   * `previousKeyHash`; those of `next` become current; `turnedAt = now`;
   * `expiresAt = min(now + min(idleLifetime, next.maxIdleLifetime), absoluteExpiresAt, createdAt +
   * next.maxAbsoluteLifetime)`, null meaning no limit, the record's own limits staying as they are (where the record has
   * `offline` and `next` too, the caps are those of `next.offline`); `seen` and, where the revision fits, the resealed facts
   * are replaced (`revision + 1`; a new subject index entry is written before the record). Otherwise nothing changes.
   *
   * Of any number of callers with the same expectation exactly one is answered `turned: true`. Run twice for one
   * caller (a driver's retry), the second run answers `turned: false` with the record of the first, whose nonce
   * is the caller's own.
   */
  turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult>

  /**
   * Changes facts or lifetimes of a live record whose revision is still `expectedRevision`, in one write, and adds
   * one to the revision. Answers the record as it now stands and whether this call changed it.
   */
  amend(
    id: string,
    expectedRevision: number,
    changes: GrantChanges,
  ): Promise<{ readonly amended: boolean; readonly grant: GrantRecord | undefined }>

  /** Replaces the access nonce unless the grant is revoked: all its access tokens end. True if it did. */
  renewAccessNonce(id: string, accessNonce: string): Promise<boolean>

  /**
   * Ends a grant for good. Idempotent, and never undone: the first reason stays. The record loses `facts`
   * (becomes '') and `seen`, and lives on until `keepUntil`. Without `subjectHashes` and `expected` an absent (or
   * expired) id gets a tombstone, a record with that id, `revoked` and otherwise empty values (`clientId` '', numbers 0), so
   * that a `create` or `turn` in flight cannot bring it to life.
   */
  revoke(id: string, reason: RevocationReason, at: number, options: RevokeOptions): Promise<RevokeResult>

  /**
   * Live, redeemed grants whose `subjectHash` is one of `hashes`, by `createdAt`, then id, ascending within each
   * hash. A grant that exists during the whole walk is in it exactly once.
   *
   * Every sign-in asks this. It reads neither ended grants nor unredeemed codes nor, with `clientId`, other clients'
   * grants, so that what it costs is what it answers, however many of those a subject has made. A damaged record hides no
   * other: its id is in `unreadable`.
   */
  listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage>

  /**
   * Ends one page of a subject's grants that fit the filter, unredeemed codes included, in a read and one
   * pipeline or transaction. Answers the records that this call ended, as they were before. Walk the pages to
   * their end: no grant is missed that was created before the walk began. Where the subject index is written
   * before the grant, an index entry without a grant gets a tombstone if the filter selects it, for that grant is just
   * being created: so the entry says what a filter asks for. No other sign-in in flight is hindered. A damaged record is
   * ended, and not answered.
   */
  revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage>

  /**
   * Every record there is, in any state and no particular order; each that exists during the whole walk once or more. A
   * page takes a bounded time, however many records the filter leaves out: it may be empty and still have a cursor. A
   * damaged record does not stop the walk: its id is in `unreadable`.
   */
  scan(page: Page, filter?: ScanFilter): Promise<GrantPage>

  /** Removes at most `limit` records, values and marks that expired before `now`; answers how many. 0 where the engine does it. */
  purgeExpired(now: number, limit: number): Promise<number>
}

/** A mark or a value as it is kept, whoever may ask for it. */
export type ValueRecord =
  | { readonly kind: 'mark'; readonly key: string; readonly owner: string; readonly expiresAt: number }
  | { readonly kind: 'value'; readonly key: string; readonly value: string; readonly expiresAt: number }

export interface ValuePage {
  readonly values: readonly ValueRecord[]
  readonly cursor?: string
}

/** One-time marks and short-lived values. Expired entries count as absent from `expiresAt` on. */
export interface ValueStore {
  /**
   * Marks a key as used. True the first time, and again for the same owner (a random id of the call, so that a
   * driver's retry is not a replay); false for anyone else until the mark expires.
   */
  mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean>
  isMarked(key: string, now: number): Promise<boolean>
  /** Keeps a value under a key until it expires, replacing what was there. */
  stash(key: string, value: string, expiresAt: number): Promise<void>
  /** The value, left where it is. */
  peek(key: string, now: number): Promise<string | undefined>
  /**
   * The value, removed in the same step: of any number of callers one gets it.
   *
   * The one write that names no owner: where the answer is lost the value is gone, and the same call run again (by a
   * driver, or by the caller) finds nothing. Only for what can be asked for anew.
   */
  take(key: string, now: number): Promise<string | undefined>
  /**
   * Every mark and every value there is, expired ones that the engine has not removed too, in no particular order; each
   * that exists during the whole walk once or more. For tools that move a storage, never on a request's path. A page
   * takes a bounded time: it may be empty and still have a cursor.
   */
  scan(page: Page): Promise<ValuePage>
}

/** A client as the core stores it: a JSON document (secrets as hashes only) with a revision. */
export interface ClientRecord {
  readonly id: string
  readonly revision: number
  readonly data: string
}

export interface ClientStore {
  find(id: string): Promise<ClientRecord | undefined>
  /**
   * Inserts (`expectedRevision` null) or replaces (the stored revision is `expectedRevision`) in one step. True if
   * it did, or if exactly this record is already there.
   */
  save(client: ClientRecord, expectedRevision: number | null): Promise<boolean>
  /** True if there was one. */
  remove(id: string): Promise<boolean>
  /** By id, ascending. */
  list(page: Page): Promise<{ readonly clients: readonly ClientRecord[]; readonly cursor?: string }>
}
