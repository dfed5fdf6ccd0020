import { isCursorError, StorageError } from '@oauth-ratchet/core'

/** The call did not get to its work in time, and will not. */
export class LateError extends StorageError {
  constructor() {
    super(
      'The database could not be used in time: another process kept the file locked, or this one stood still',
      { outcome: 'not_applied' },
    )
  }
}

/** Someone else holds the lock. The statement or transaction that failed with it has written nothing. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY')
}

/** SQLite refuses these before anything is written, or takes the whole statement back. */
const NOTHING_WRITTEN = /^SQLITE_(BUSY|LOCKED|READONLY|CONSTRAINT|CANTOPEN|NOTADB|AUTH)/

/** The driver's error as the interface wants it. A commit that failed half-way is the one unknown outcome. */
export function storageError(error: unknown): Error {
  if (error instanceof StorageError || isCursorError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  const outcome = NOTHING_WRITTEN.test(codeOf(error)) ? 'not_applied' : 'unknown'
  return new StorageError(`SQLite could not do its work: ${reason}`, { outcome, cause: error })
}

function codeOf(error: unknown): string {
  const coded = typeof error === 'object' && error !== null && 'code' in error
  return coded && typeof error.code === 'string' ? error.code : ''
}
