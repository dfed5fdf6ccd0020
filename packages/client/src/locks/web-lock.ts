import type { Lock } from './lock.js'

/**
 * Web Locks: one holder among all tabs of the origin; a tab that is closed or dies lets go.
 *
 * @see https://www.w3.org/TR/web-locks/
 */
export function webLock(locks: LockManager): Lock {
  let withdraw: (() => void) | undefined
  return {
    announce(name) {
      withdraw?.()
      withdraw = undefined
      if (name === undefined) return
      const announced = new Promise<void>((resolve) => {
        withdraw = resolve
      })
      locks.request(name, { mode: 'shared' }, () => announced).catch(() => {})
    },
    async announced(prefix) {
      // Not allowed here (an opaque origin): then nothing was announced either.
      const { held = [] } = await locks.query().catch((): LockManagerSnapshot => ({}))
      return held.map(({ name = '' }) => name).filter((name) => name.startsWith(prefix))
    },
    acquire: (name, timeoutMs) =>
      new Promise((resolve) => {
        const controller = new AbortController()
        const timer = setTimeout(() => controller.abort(), timeoutMs)
        const held = (): Promise<void> => {
          clearTimeout(timer)
          return new Promise((release) => resolve(release))
        }
        // Aborted, or not allowed here (an opaque origin): the caller decides what is safe without.
        locks.request(name, { signal: controller.signal }, held).catch(() => resolve(undefined))
      }),
  }
}
