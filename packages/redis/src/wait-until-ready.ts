import { StorageError } from '@oauth-ratchet/core'

import type { Driver } from './redis-client.js'

/**
 * Resolves when the client is connected. A lazy one is made to connect, as its first command would.
 *
 * @throws StorageError when it has ended, or does not get there in time
 */
export async function waitUntilReady(driver: Driver, timeoutMs: number): Promise<void> {
  if (driver.status === 'ready') return
  if (driver.status === 'end') throw notReady('has ended: hand in one that is connected')
  const ready = outcome(driver, timeoutMs)
  // Its failure is reported by the events as well, and may be followed by another attempt of the client's own.
  if (driver.status === 'wait') void driver.connect().catch(() => undefined)
  await ready
}

function outcome(driver: Driver, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let reason = ''
    const onError = ({ message }: { readonly message?: unknown }): void => {
      reason = typeof message === 'string' ? message : ''
    }
    const settle = (then: () => void) => (): void => {
      clearTimeout(timer)
      driver.removeListener('error', onError)
      driver.removeListener('ready', onReady)
      driver.removeListener('end', onEnd)
      then()
    }
    const onReady = settle(resolve)
    const onEnd = settle(() => reject(notReady('has given up connecting', reason)))
    const onTimeout = settle(() =>
      reject(notReady(`did not connect within ${timeoutMs / 1000} s (${driver.status})`, reason)),
    )
    const timer = setTimeout(onTimeout, timeoutMs)
    driver.on('ready', onReady)
    driver.on('end', onEnd)
    driver.on('error', onError)
  })
}

/** @param reason what the client has said last. Not its error, which may have the password among a command's arguments */
function notReady(what: string, reason = ''): StorageError {
  const why = reason === '' ? '.' : `: ${reason}`
  return new StorageError(`The Redis client ${what}${why}`, { outcome: 'not_applied' })
}
