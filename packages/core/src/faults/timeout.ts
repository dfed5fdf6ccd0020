import { CallbackError } from './errors.js'
import { isCursorError, isStorageError, StorageError } from './storage-error.js'

/**
 * Runs one storage call. Whatever goes wrong comes out as a {@link StorageError}, but for a cursor that the storage did
 * not make; an answer that arrives after the timeout is dropped, its outcome being unknown by then.
 */
export function storageCall<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
  return within(timeoutMs, call, storageIsLate, toStorageError)
}

/** Runs a callback of the app. What it throws, and that it takes too long, comes out as a {@link CallbackError}. */
export function callbackCall<T>(timeoutMs: number, name: string, call: () => T | Promise<T>): Promise<T> {
  return within(
    timeoutMs,
    call,
    () => new CallbackError(name, `did not answer within ${timeoutMs} ms`, undefined, true),
    (error) => (error instanceof CallbackError ? error : new CallbackError(name, 'threw', error)),
  )
}

function storageIsLate(): StorageError {
  return new StorageError('The storage did not answer in time.')
}

function toStorageError(error: unknown): Error {
  if (isStorageError(error)) return error
  // Its caller's mistake, not an outage. No other RangeError is: reading past the end of a damaged record throws one.
  if (isCursorError(error)) return error
  return new StorageError('The storage failed.', { cause: error })
}

// One promise, and no `Promise.race` or async function around it: this runs on every refresh.
function within<T>(
  timeoutMs: number,
  call: () => T | Promise<T>,
  late: () => Error,
  failed: (error: unknown) => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs)
    timer.unref()
    const onError = (error: unknown): void => {
      clearTimeout(timer)
      reject(failed(error))
    }
    const onValue = (value: T): void => {
      clearTimeout(timer)
      resolve(value)
    }
    try {
      Promise.resolve(call()).then(onValue, onError)
    } catch (error) {
      onError(error)
    }
  })
}
