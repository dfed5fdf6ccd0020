/**
 * The store could not do its work. On the wire this is a 503 with `Retry-After`, never an `invalid_grant`.
 *
 * `outcome` tells whether a write may have happened: `'not_applied'` only where that is certain (nothing was
 * sent, or the transaction was rolled back); everything else is `'unknown'`.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly outcome: 'unknown' | 'not_applied'
  /** Stable, where waiting does not help: docs/configuration-errors.md says what it means and how to cure it. */
  readonly code: string | undefined

  constructor(
    message: string,
    options: { outcome?: 'unknown' | 'not_applied'; cause?: unknown; code?: string | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.outcome = options.outcome ?? 'unknown'
    this.code = options.code
  }
}

/** By name: storage packages may have loaded the CommonJS copy of this package while the server runs the ESM one. */
export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && error.name === 'StorageError' && 'outcome' in error
}

/**
 * A cursor that the storage did not make: a mistake of the caller's, and no outage. The only error of a storage call
 * besides `StorageError` that its caller gets as it is.
 */
export class CursorError extends RangeError {
  override readonly name = 'CursorError'

  constructor(message = 'This cursor was not made by this listing: pass the cursor of the page before') {
    super(message)
  }
}

/** By name: a storage may have loaded the CommonJS copy of this package while the server runs the ESM one. */
export function isCursorError(error: unknown): error is CursorError {
  return error instanceof Error && error.name === 'CursorError'
}
