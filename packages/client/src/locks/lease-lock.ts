import type { Lock } from './lock.js'

/** How long a lease is good for. A holder that is gone is waited for as long; no request is allowed to take longer. */
const leaseMs = 15_000

/**
 * A lease in `localStorage`, for browsers without Web Locks. Not exact: of two tabs that write in the same few
 * milliseconds both may go on, which the idempotency key makes harmless.
 */
export function leaseLock(storage: () => Storage): Lock {
  return {
    async acquire(name, timeoutMs) {
      const entry = `${name}.lease`
      const mine = String(Math.random())
      const deadline = Date.now() + timeoutMs
      const read = (): [string, number] => {
        const [holder = '', until = '0'] = (storage().getItem(entry) ?? '').split(' ')
        return [holder, Number(until)]
      }
      for (;;) {
        const [, until] = read()
        // A lease that ends too far ahead was made before the clock was put back.
        if (until < Date.now() || until > Date.now() + leaseMs) {
          storage().setItem(entry, `${mine} ${Date.now() + leaseMs}`)
          await pause(10)
          if (read()[0] === mine) return () => read()[0] === mine && storage().removeItem(entry)
        }
        if (Date.now() > deadline) return undefined
        await pause(20 + Math.random() * 30)
      }
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
