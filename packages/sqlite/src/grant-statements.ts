import type { Database, Statement } from 'better-sqlite3'

import { COLUMNS, TURNED_COLUMNS } from './grant-rows.js'
import type { GrantRow, TurnedRow } from './grant-rows.js'
import { NamedStatement } from './named-statement.js'

const LIST = COLUMNS.join(', ')
const PLACES = COLUMNS.map(() => '?').join(', ')

/** What a limit of null counts as where the smallest of several is looked for. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER

// The columns of the subject indexes stand only in the turn that changes them: SQLite rewrites the entries of every
// index that has a column among those set, changed or not.
const RESEALED = `
  , facts        = CASE WHEN revision = @reseal_revision THEN @facts ELSE facts END
  , format       = CASE WHEN revision = @reseal_revision THEN @format ELSE format END
  , subject_hash = CASE WHEN revision = @reseal_revision THEN @subject_hash ELSE subject_hash END
  , session_hash = CASE WHEN revision = @reseal_revision THEN @session_hash ELSE session_hash END
  , revision     = CASE WHEN revision = @reseal_revision THEN revision + 1 ELSE revision END`

const REDEEMED = ', redeemed = 1'

function cap(name: 'idle' | 'absolute'): string {
  const own = `CASE offline WHEN 1 THEN @offline_max_${name}_lifetime ELSE @max_${name}_lifetime END`
  return `coalesce(${own}, ${NO_LIMIT})`
}

function turn(also: string): string {
  return `
    UPDATE oauth_grants SET
      generation        = generation + 1,
      previous_nonce    = nonce,
      nonce             = @next_nonce,
      previous_key_hash = key_hash,
      key_hash          = @next_key_hash,
      turned_at         = @now,
      expires_at        = min(
        @now + min(coalesce(idle_lifetime, ${NO_LIMIT}), ${cap('idle')}),
        coalesce(absolute_expires_at, ${NO_LIMIT}),
        created_at + ${cap('absolute')}),
      seen              = coalesce(@seen, seen)
      ${also}
    WHERE id = @id AND revoked_at IS NULL AND expires_at > @now
      AND generation = @generation AND nonce = @nonce AND client_id = @client_id
      AND (bound_key IS NULL OR bound_key = @bound_key) AND format <= @max_format
    RETURNING ${TURNED_COLUMNS.join(', ')}`
}

export interface TurnParameters {
  readonly id: string
  readonly now: number
  readonly generation: number
  readonly nonce: string
  readonly client_id: string
  readonly bound_key: string | null
  readonly max_format: number
  readonly next_nonce: string
  readonly next_key_hash: string | null
  readonly max_idle_lifetime: number | null
  readonly max_absolute_lifetime: number | null
  readonly offline_max_idle_lifetime: number | null
  readonly offline_max_absolute_lifetime: number | null
  readonly seen: string | null
}

export interface ResealParameters extends TurnParameters {
  readonly reseal_revision: number
  readonly format: number
  readonly facts: string
  readonly subject_hash: string
  readonly session_hash: string | null
}

export interface GrantStatements {
  readonly insert: Statement<[GrantRow]>
  readonly replace: Statement<[GrantRow]>
  readonly find: Statement<[string], GrantRow>
  /** From generation 1 on. */
  readonly turn: NamedStatement<TurnParameters, TurnedRow>
  readonly turnAndReseal: NamedStatement<ResealParameters, TurnedRow>
  /** From generation 0. */
  readonly redeem: NamedStatement<TurnParameters, TurnedRow>
  readonly redeemAndReseal: NamedStatement<ResealParameters, TurnedRow>
  readonly renewAccessNonce: Statement<[string, string]>
  readonly pageOfSubject: Statement<[string, number, string, number], GrantRow>
  /** Redeemed grants that have not ended; they may have expired. */
  readonly pageOfListed: Statement<[string, number, string, number], GrantRow>
  readonly pageOfListedOfClient: Statement<[string, string, number, string, number], GrantRow>
  readonly page: Statement<[string, number], GrantRow>
  readonly pageOfClient: Statement<[string, string, number], GrantRow>
}

export function prepareGrants(database: Database): GrantStatements {
  return {
    insert: database.prepare(
      `INSERT INTO oauth_grants (${LIST}) VALUES (${PLACES}) ON CONFLICT (id) DO NOTHING`,
    ),
    replace: database.prepare(`REPLACE INTO oauth_grants (${LIST}) VALUES (${PLACES})`),
    find: database
      .prepare<[string], GrantRow>(`SELECT ${LIST} FROM oauth_grants WHERE id = ?`)
      .raw()
      .safeIntegers(false),
    turn: new NamedStatement(database, turn('')),
    turnAndReseal: new NamedStatement(database, turn(RESEALED)),
    redeem: new NamedStatement(database, turn(REDEEMED)),
    redeemAndReseal: new NamedStatement(database, turn(REDEEMED + RESEALED)),
    renewAccessNonce: database.prepare(
      'UPDATE oauth_grants SET access_nonce = ? WHERE id = ? AND revoked_at IS NULL',
    ),
    pageOfSubject: database
      .prepare<[string, number, string, number], GrantRow>(
        `SELECT ${LIST} FROM oauth_grants WHERE subject_hash = ? AND (created_at, id) > (?, ?)
         ORDER BY created_at, id LIMIT ?`,
      )
      .raw()
      .safeIntegers(false),
    pageOfListed: database
      .prepare<[string, number, string, number], GrantRow>(
        `SELECT ${LIST} FROM oauth_grants INDEXED BY oauth_grants_listed
         WHERE subject_hash = ? AND redeemed = 1 AND revoked_at IS NULL AND (created_at, id) > (?, ?)
         ORDER BY created_at, id LIMIT ?`,
      )
      .raw()
      .safeIntegers(false),
    pageOfListedOfClient: database
      .prepare<[string, string, number, string, number], GrantRow>(
        `SELECT ${LIST} FROM oauth_grants INDEXED BY oauth_grants_listed_by_client
         WHERE subject_hash = ? AND client_id = ? AND redeemed = 1 AND revoked_at IS NULL
           AND (created_at, id) > (?, ?)
         ORDER BY created_at, id LIMIT ?`,
      )
      .raw()
      .safeIntegers(false),
    pageOfClient: database
      .prepare<[string, string, number], GrantRow>(
        `SELECT ${LIST} FROM oauth_grants WHERE client_id = ? AND id > ? ORDER BY id LIMIT ?`,
      )
      .raw()
      .safeIntegers(false),
    page: database
      .prepare<[string, number], GrantRow>(
        `SELECT ${LIST} FROM oauth_grants WHERE id > ? ORDER BY id LIMIT ?`,
      )
      .raw()
      .safeIntegers(false),
  }
}

/** Statements that remove what expired, a bounded number of rows each, from every table that has such rows. */
export function preparePurges(database: Database): readonly Statement<[number, number]>[] {
  const purge = (table: string, key: string): Statement<[number, number]> =>
    database.prepare(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE expires_at <= ? LIMIT ?)`,
    )
  return [purge('oauth_grants', 'id'), purge('oauth_values', 'key'), purge('oauth_marks', 'key')]
}
