import { StorageError } from '@oauth-ratchet/core'

import type { Driver } from './redis-client.js'

/**
 * Resolves when the client is connected. A lazy one is told to connect, as its first command would.
 *
 * @throws StorageError when it has ended, or does not get there in time
 */
export async function waitUntilReady(driver: Driver, timeoutMs: number): Promise<void> {
  if (driver.status === 'ready') return
  if (driver.status === 'end') throw notReady('has ended: hand in one that is connected')
  const ready = outcome(driver, timeoutMs)
  // Its failure is told by the events as well, and may be followed by another attempt of the client's own.
  if (driver.status === 'wait') void driver.connect().catch(() => undefined)
  await ready
}

function outcome(driver: Driver, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => (): void => {
      clearTimeout(timer)
      driver.removeListener('ready', onReady)
      driver.removeListener('end', onEnd)
      then()
    }
    const onReady = settle(resolve)
    const onEnd = settle(() => reject(notReady('has given up connecting')))
    const onTimeout = settle(() =>
      reject(notReady(`did not connect within ${timeoutMs / 1000} s (${driver.status})`)),
    )
    const timer = setTimeout(onTimeout, timeoutMs)
    driver.on('ready', onReady)
    driver.on('end', onEnd)
  })
}

function notReady(what: string): StorageError {
  return new StorageError(`The Redis client ${what}.`, { outcome: 'not_applied' })
}
