import { StorageError } from '@oauth-ratchet/core'
import type { Listing, Page } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { readScanCursor, scanCursor } from './cursors.js'
import type { ScanPosition } from './cursors.js'
import { primariesOf } from './redis-client.js'
import type { RedisNode } from './redis-client.js'

/** Which keys a walk is over. */
export interface KeyScan {
  /** What its cursors are of. */
  readonly listing: Listing
  /** What the keys match, from the client's own `keyPrefix` on. */
  readonly pattern: string
}

/** One page of the keys that match, server after server. A page may be empty and still have a cursor. */
export async function scanKeys(
  connection: Connection,
  { listing, pattern }: KeyScan,
  page: Page,
  deadline: Deadline,
): Promise<{ readonly keys: readonly string[]; readonly cursor?: string }> {
  const servers = serversByName(connection)
  const begun = readScanCursor(listing, page.cursor) ?? {
    servers: [...servers.keys()],
    cursor: '0',
    keys: [],
  }
  // What a server answers above the number asked for is carried to the next page: asked again it may answer otherwise.
  const reached =
    begun.keys.length > 0 ? begun : await advance(connection, pattern, servers, begun, page.limit, deadline)
  const left = { ...reached, keys: reached.keys.slice(page.limit) }
  const keys = reached.keys.slice(0, page.limit)
  return left.keys.length > 0 || left.servers.length > 0
    ? { keys, cursor: scanCursor(listing, left) }
    : { keys }
}

async function advance(
  connection: Connection,
  pattern: string,
  servers: ReadonlyMap<string, RedisNode>,
  position: ScanPosition,
  count: number,
  deadline: Deadline,
): Promise<ScanPosition> {
  const [name] = position.servers
  if (name === undefined) return position
  const server = position.servers.every((each) => servers.has(each)) ? servers.get(name) : undefined
  if (server === undefined) {
    throw new StorageError(
      'The primaries of the cluster changed during a walk over all keys: begin it anew.',
      {
        outcome: 'not_applied',
      },
    )
  }
  const [cursor, keys] = await connection.ask(
    () => server.scan(position.cursor, 'MATCH', pattern, 'COUNT', count),
    deadline,
  )
  return cursor === '0'
    ? { servers: position.servers.slice(1), cursor, keys }
    : { servers: position.servers, cursor, keys }
}

function serversByName({ driver }: Connection): ReadonlyMap<string, RedisNode> {
  if (!driver.isCluster) return new Map(primariesOf(driver).map((server) => ['', server]))
  const named = primariesOf(driver).map((server): [string, RedisNode] => [
    `${server.options.host}:${server.options.port}`,
    server,
  ])
  return new Map(named)
}
