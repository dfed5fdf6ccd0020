import type { Document } from './bson-values.js'

/** The names that MongoDB documents for the codes the stand-in can answer or is made to answer. */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'InternalError',
  2: 'BadValue',
  6: 'HostUnreachable',
  7: 'HostNotFound',
  9: 'FailedToParse',
  11: 'UserNotFound',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  16: 'InvalidLength',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  59: 'CommandNotFound',
  64: 'WriteConcernFailed',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  79: 'UnknownReplWriteConcern',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  89: 'NetworkTimeout',
  91: 'ShutdownInProgress',
  96: 'OperationFailed',
  100: 'UnsatisfiableWriteConcern',
  112: 'WriteConflict',
  168: 'InvalidPipelineOperator',
  181: 'AmbiguousIndexKeyPattern',
  183: 'ClientMetadataMissingField',
  184: 'ClientMetadataAppNameTooLarge',
  185: 'ClientMetadataDocumentTooLarge',
  186: 'ClientMetadataCannotBeMutated',
  189: 'PrimarySteppedDown',
  197: 'InvalidIndexSpecificationOption',
  225: 'TransactionTooOld',
  262: 'ExceededTimeLimit',
  322: 'APIVersionError',
  323: 'APIStrictError',
  9001: 'SocketException',
  10107: 'NotWritablePrimary',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
  11601: 'Interrupted',
  11602: 'InterruptedDueToReplStateChange',
  13435: 'NotPrimaryNoSecondaryOk',
  13436: 'NotPrimaryOrSecondary',
}

/** The codes after which a driver may send a write once more: the "retryable writes" specification of the drivers. */
const RETRYABLE_WRITE_CODES = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])

export function codeName(code: number): string {
  return CODE_NAMES[code] ?? `Location${code}`
}

export function isRetryableWriteCode(code: number): boolean {
  return RETRYABLE_WRITE_CODES.has(code)
}

/** An answer with `ok: 0`. `details` are the fields beside code and message, such as `keyValue`. */
export class CommandError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details: Document = {},
  ) {
    super(message)
  }

  toReply(): Document {
    return { ok: 0, errmsg: this.message, code: this.code, codeName: codeName(this.code), ...this.details }
  }

  toWriteError(index: number): Document {
    return { index, code: this.code, errmsg: this.message, ...this.details }
  }
}

export function badValue(message: string): CommandError {
  return new CommandError(2, message)
}
