import { StorageError } from '@oauth-ratchet/core'
import type { Page } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { readScanCursor, scanCursor } from './cursors.js'
import type { ScanPosition } from './cursors.js'
import type { Keys } from './keys.js'
import { primariesOf } from './redis-client.js'
import type { RedisNode } from './redis-client.js'

/** One page of the ids of all grants, server after server. A page may be empty and still have a cursor. */
export async function scanGrantIds(
  connection: Connection,
  keys: Keys,
  page: Page,
  deadline: Deadline,
): Promise<{ readonly ids: readonly string[]; readonly cursor?: string }> {
  const servers = serversByName(connection)
  const begun = readScanCursor(page.cursor) ?? { servers: [...servers.keys()], cursor: '0', ids: [] }
  // What a server answers above the number asked for is carried to the next page: asked again it may answer otherwise.
  const reached =
    begun.ids.length > 0 ? begun : await advance(connection, keys, servers, begun, page.limit, deadline)
  const left = { ...reached, ids: reached.ids.slice(page.limit) }
  const ids = reached.ids.slice(0, page.limit)
  return left.ids.length > 0 || left.servers.length > 0 ? { ids, cursor: scanCursor(left) } : { ids }
}

async function advance(
  connection: Connection,
  keys: Keys,
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
      'The primaries of the cluster changed during a walk over all grants: begin it anew.',
      {
        outcome: 'not_applied',
      },
    )
  }
  const keyPrefix = connection.driver.options.keyPrefix ?? ''
  const [cursor, found] = await connection.ask(
    () => server.scan(position.cursor, 'MATCH', keys.grantPattern(keyPrefix), 'COUNT', count),
    deadline,
  )
  const ids = found.map((key) => keys.grantId(key, keyPrefix))
  return cursor === '0'
    ? { servers: position.servers.slice(1), cursor, ids }
    : { servers: position.servers, cursor, ids }
}

function serversByName({ driver }: Connection): ReadonlyMap<string, RedisNode> {
  if (!driver.isCluster) return new Map(primariesOf(driver).map((server) => ['', server]))
  const named = primariesOf(driver).map((server): [string, RedisNode] => [
    `${server.options.host}:${server.options.port}`,
    server,
  ])
  return new Map(named)
}
