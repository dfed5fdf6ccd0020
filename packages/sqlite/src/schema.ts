import { StorageError } from '@oauth-ratchet/core'
import type { Database } from 'better-sqlite3'

/**
 * Step n brings a database from version n to n + 1. A step that was released is never edited.
 *
 * The version stands in a table of ours and not in `PRAGMA user_version`: a database that was handed in belongs to
 * an app that may count its own versions there.
 *
 * Grants and clients have rowids although their keys are text: rows of a kilobyte, as sealed facts make them, spill
 * over in a WITHOUT ROWID tree (three times the file, half the speed). Marks are small, and gain from it.
 */
const STEPS = [
  `
  CREATE TABLE oauth_grants (
    id                  TEXT PRIMARY KEY NOT NULL,
    client_id           TEXT NOT NULL,
    subject_hash        TEXT NOT NULL,
    session_hash        TEXT,
    bound_key           TEXT,
    code_proof          TEXT,
    generation          INTEGER NOT NULL,
    nonce               TEXT NOT NULL,
    previous_nonce      TEXT,
    key_hash            TEXT,
    previous_key_hash   TEXT,
    access_nonce        TEXT NOT NULL,
    created_at          INTEGER NOT NULL,
    turned_at           INTEGER NOT NULL,
    idle_lifetime       INTEGER,
    absolute_expires_at INTEGER,
    expires_at          INTEGER NOT NULL,
    revision            INTEGER NOT NULL,
    revoked_at          INTEGER,
    revoked_reason      TEXT,
    revoked_by          TEXT,
    format              INTEGER NOT NULL,
    facts               TEXT NOT NULL,
    seen                TEXT
  ) STRICT;
  CREATE INDEX oauth_grants_by_subject ON oauth_grants (subject_hash, created_at, id);
  CREATE INDEX oauth_grants_by_expiry ON oauth_grants (expires_at);

  CREATE TABLE oauth_marks (
    key        TEXT PRIMARY KEY NOT NULL,
    owner      TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX oauth_marks_by_expiry ON oauth_marks (expires_at);

  CREATE TABLE oauth_values (
    key        TEXT PRIMARY KEY NOT NULL,
    value      TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX oauth_values_by_expiry ON oauth_values (expires_at);

  CREATE TABLE oauth_clients (
    id       TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    data     TEXT NOT NULL
  ) STRICT;
  `,
  // What is listed has indexes of its own, so that a sign-in reads neither ended grants nor codes. By a column and not by
  // the generation: SQLite rewrites the entries of a partial index at each write of a column in its condition.
  `
  ALTER TABLE oauth_grants ADD COLUMN redeemed INTEGER NOT NULL DEFAULT 0;
  UPDATE oauth_grants SET redeemed = 1 WHERE generation > 0;
  CREATE INDEX oauth_grants_listed ON oauth_grants (subject_hash, created_at, id)
    WHERE redeemed = 1 AND revoked_at IS NULL;
  CREATE INDEX oauth_grants_listed_by_client ON oauth_grants (subject_hash, client_id, created_at, id)
    WHERE redeemed = 1 AND revoked_at IS NULL;
  CREATE INDEX oauth_grants_by_client ON oauth_grants (client_id, id);
  `,
  `
  ALTER TABLE oauth_grants ADD COLUMN offline INTEGER NOT NULL DEFAULT 0;
  `,
]

/**
 * Brings the tables up to this package's version, in one transaction. Several processes may do so at once: the
 * version is read again under the write lock, so one of them does the work and the others find it done.
 */
export function migrate(database: Database): void {
  if (readVersion(database) === STEPS.length) return
  database
    .transaction(() => {
      const version = readVersion(database)
      for (const step of STEPS.slice(version)) database.exec(step)
      database.exec('CREATE TABLE IF NOT EXISTS oauth_schema (version INTEGER NOT NULL) STRICT')
      database.exec(`DELETE FROM oauth_schema; INSERT INTO oauth_schema VALUES (${STEPS.length})`)
    })
    .immediate()
}

/** 0 for a database without our tables. */
function readVersion(database: Database): number {
  const present = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'oauth_schema'`).get()
  if (present === undefined) return 0
  const row = database
    .prepare<[], { version: number }>('SELECT version FROM oauth_schema')
    .safeIntegers(false)
    .get()
  const version = row?.version ?? 0
  if (version > STEPS.length) {
    throw new StorageError(
      `The database has schema version ${version}, made by a newer @oauth-ratchet/sqlite; this one knows versions up to ${STEPS.length}: upgrade the package`,
      { outcome: 'not_applied' },
    )
  }
  return version
}
