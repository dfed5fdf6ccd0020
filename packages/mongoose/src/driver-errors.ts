import { isCursorError, StorageError } from '@oauth-ratchet/core'

/** The codes that MongoDB documents for the errors that are distinguished here. */
const NOT_A_REPLICA_SET = 123
const NAMESPACE_NOT_FOUND = 26
const COMMAND_NOT_FOUND = 59
const DUPLICATE_KEY = 11_000

// By number and not by class: the app's mongoose brings a driver of its own, and there may be several in a process.

/** Another document has the `_id`: the answer to an insert or an upsert, and no outage. */
export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === DUPLICATE_KEY
}

/** The server stands alone, and so has none of what only a replica set has. */
export function isNotReplicaSet(error: unknown): boolean {
  return codeOf(error) === NOT_A_REPLICA_SET
}

export function isMissingCollection(error: unknown): boolean {
  return codeOf(error) === NAMESPACE_NOT_FOUND
}

export function isUnknownCommand(error: unknown): boolean {
  return codeOf(error) === COMMAND_NOT_FOUND
}

/**
 * The driver's error as the interface wants it.
 *
 * The outcome is `unknown` whatever the error says. A driver sends a write once more when its answer was lost, and
 * the error that comes out in the end is often that of the second attempt: "no server found in time", "not
 * authorized" or "time limit exceeded" then say nothing about the first, which may have been carried out. That
 * nothing was sent is certain only where we did not send it.
 */
export function storageError(error: unknown): Error {
  if (error instanceof StorageError || isCursorError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StorageError(`MongoDB did not do its work: ${reason}`, { outcome: 'unknown', cause: error })
}

/** NaN where there is none. The app may have its numbers wrapped (`promoteValues: false`), and so those of errors. */
function codeOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : Number.NaN
}
