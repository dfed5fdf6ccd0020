import { CallbackError } from './errors.js'
import { StorageError } from './storage/storage.js'

/**
 * Runs one storage call. Whatever goes wrong comes out as a {@link StorageError}; an answer that arrives after the
 * timeout is dropped, its outcome being unknown by then.
 */
export async function storageCall<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
  try {
    return await within(timeoutMs, call, () => new StorageError('The storage did not answer in time.'))
  } catch (error) {
    if (error instanceof StorageError || isStorageErrorOfAnotherCopy(error)) throw error
    // A cursor that the storage did not make is its caller's mistake, not an outage.
    if (error instanceof RangeError) throw error
    throw new StorageError('The storage failed.', { cause: error })
  }
}

/** Runs a callback of the app. What it throws, and that it takes too long, comes out as a {@link CallbackError}. */
export async function callbackCall<T>(
  timeoutMs: number,
  name: string,
  call: () => T | Promise<T>,
): Promise<T> {
  try {
    return await within(
      timeoutMs,
      call,
      () => new CallbackError(name, `did not answer within ${timeoutMs} ms`),
    )
  } catch (error) {
    throw error instanceof CallbackError ? error : new CallbackError(name, 'threw', error)
  }
}

/** Storage packages may have loaded the CommonJS copy of this package while the server runs the ESM one. */
export function isStorageErrorOfAnotherCopy(error: unknown): error is StorageError {
  return error instanceof Error && error.name === 'StorageError' && 'outcome' in error
}

// Not `Promise.race`: this runs on every refresh, and a race makes three promises more.
function within<T>(timeoutMs: number, call: () => T | Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs)
    timer.unref()
    answer(call).then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

// Async, so that a call that throws at once rejects like any other.
async function answer<T>(call: () => T | Promise<T>): Promise<T> {
  return call()
}
