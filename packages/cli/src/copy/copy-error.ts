/** Why a copy did not happen, or cannot be relied on. */
export type CopyErrorCode =
  'target_not_empty' | 'target_in_copy' | 'source_unfinished' | 'source_changed' | 'target_changed'

export class CopyError extends Error {
  override readonly name = 'CopyError'
  readonly code: CopyErrorCode

  constructor(code: CopyErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
