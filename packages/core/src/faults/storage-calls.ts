import { isCursorError, isStorageError, StorageError } from './storage-error.js'

/** A call that the storage has not answered yet. */
interface WaitingCall {
  /** On the clock of `performance.now()`. */
  readonly began: number
  readonly expire: () => void
}

/**
 * Calls of a storage, each bounded in time. Whatever goes wrong comes out as a {@link StorageError}, but for a cursor that
 * the storage did not make; an answer that arrives after the limit is dropped, its outcome being unknown by then.
 *
 * One timer watches all of them, that of the oldest: a timer for each would be made and thrown away with every refresh.
 */
export class StorageCalls {
  readonly #timeoutMs: number
  /** In the order in which they began, and so in which they run out. */
  readonly #waiting = new Set<WaitingCall>()
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  run<T>(call: () => Promise<T>): Promise<T> {
    // One promise, and no `Promise.race` or async function around it: this runs on every refresh.
    return new Promise((resolve, reject) => {
      const waiting = { began: performance.now(), expire: () => reject(late()) }
      const onError = (error: unknown): void => {
        this.#waiting.delete(waiting)
        reject(toStorageError(error))
      }
      const onValue = (value: T): void => {
        this.#waiting.delete(waiting)
        resolve(value)
      }
      this.#waiting.add(waiting)
      if (this.#timer === undefined) this.#timer = this.#lookIn(this.#timeoutMs)
      try {
        Promise.resolve(call()).then(onValue, onError)
      } catch (error) {
        onError(error)
      }
    })
  }

  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms).unref()
  }

  // The timer stays while calls come and go. When it runs out it goes over to the oldest that is left, if there is one.
  #look(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const waiting of this.#waiting) {
      const left = waiting.began + this.#timeoutMs - now
      if (left > 0) {
        this.#timer = this.#lookIn(Math.ceil(left))
        return
      }
      this.#waiting.delete(waiting)
      waiting.expire()
    }
  }
}

function late(): StorageError {
  return new StorageError('The storage did not answer in time.')
}

function toStorageError(error: unknown): Error {
  if (isStorageError(error)) return error
  // Its caller's mistake, not an outage. No other RangeError is: reading past the end of a damaged record throws one.
  if (isCursorError(error)) return error
  return new StorageError('The storage failed.', { cause: error })
}
