import { primariesOf } from './redis-client.js'
import type { Driver, RedisNode } from './redis-client.js'

/** How often connections of a client were lost since it was first looked at. */
export interface ConnectionLosses {
  readonly count: number
}

/** One listener for each connection, however many storages share the client; it goes when the client goes. */
const counted = new WeakMap<Driver, ConnectionLosses>()

/** Counts from now on: after a loss the driver may have sent a command twice. */
export function connectionLosses(driver: Driver): ConnectionLosses {
  const present = counted.get(driver)
  if (present !== undefined) return present
  const losses = { count: 0 }
  const watch = (node: RedisNode): void => {
    node.on('close', () => {
      losses.count += 1
    })
  }
  if (driver.isCluster) driver.on('+node', watch)
  for (const node of driver.nodes?.('all') ?? primariesOf(driver)) watch(node)
  counted.set(driver, losses)
  return losses
}
