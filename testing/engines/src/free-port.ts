import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which systems take the local ports of outgoing connections, so that none of those sits there.
const LOWEST = 11_000
const HIGHEST = 21_000

/** The bus of a Redis Cluster node listens this far above the node's own port. */
export const CLUSTER_BUS_OFFSET = 10_000

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** A port of 127.0.0.1 that nobody listens on, and whose cluster bus port is free too. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST)
    if ((await isFree(port)) && (await isFree(port + CLUSTER_BUS_OFFSET))) return port
  }
  throw new Error(`no free port found between ${LOWEST} and ${HIGHEST}`)
}
