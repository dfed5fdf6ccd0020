import { CallbackError } from './errors.js'

/** Runs a callback of the app. What it throws, and that it takes too long, comes out as a {@link CallbackError}. */
export function callbackCall<T>(timeoutMs: number, name: string, call: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void =>
      reject(new CallbackError(name, `did not answer within ${timeoutMs} ms`, undefined, true))
    const timer = setTimeout(late, timeoutMs).unref()
    const onError = (error: unknown): void => {
      clearTimeout(timer)
      reject(error instanceof CallbackError ? error : new CallbackError(name, 'threw', error))
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
