import { wrongOptions } from '@oauth-ratchet/core'
import type { ClientStore, GrantStore, Storage, ValueStore } from '@oauth-ratchet/core'

import { RedisClients } from './clients.js'
import { Connection } from './connection.js'
import { RedisGrants } from './grants.js'
import { Keys } from './keys.js'
import { driverOf } from './redis-client.js'
import type { RedisClient } from './redis-client.js'
import { checkClient, checkServers } from './server-checks.js'
import { RedisValues } from './values.js'
import { waitUntilReady } from './wait-until-ready.js'

export interface RedisStorageOptions {
  /**
   * A `Redis` or a `Cluster` of ioredis 5 or 6 that the app has, and closes. Its options stay as they are: key
   * prefix, database, automatic pipelining and `scaleReads` may be what they like, for every read here goes to a
   * primary.
   */
  readonly client: RedisClient
  /**
   * What the names of all keys begin with, after the client's own `keyPrefix`. Default: `'oauth:'`. Storages with
   * different prefixes share nothing.
   */
  readonly prefix?: string | undefined
  /**
   * How long after its beginning a call may still send something, in ms: of a call of several commands none is begun
   * later. It then rejects, with the outcome `not_applied` where that is certain. Keep it below the authorization
   * server's `storageTimeout`, so that what that has answered a 503 for is not done afterwards. It does not end the
   * waiting for what was sent; `storageTimeout` does. Default: 1500.
   */
  readonly timeoutMs?: number | undefined
}

const names: readonly (keyof RedisStorageOptions)[] = ['client', 'prefix', 'timeoutMs']
const aliases = { redis: 'client', connection: 'client', cluster: 'client', keyprefix: 'prefix' }

/** How long `init()` waits for a client that is still connecting. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Storage on Redis 6.2 or later, one server or a cluster.
 *
 * Every write is one script on one key, so it is atomic against every other connection; scripts are sent by hash. A
 * call made while the client is not connected rejects at once with a `StorageError` whose outcome is `not_applied`, and
 * nothing is queued; one that meets a slow server sends nothing more after `timeoutMs`. What was sent before can arrive
 * late: in the server's own queue, or sent again by the driver after a reconnect (`autoResendUnfulfilledCommands`). How
 * durable an answered write is, is up to the server's settings.
 */
export class RedisStorage implements Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore
  readonly #connection: Connection

  /** @throws {TypeError} for options that make no sense. Sends nothing yet. */
  constructor(options: RedisStorageOptions) {
    checkNames(options)
    const { client, prefix = 'oauth:', timeoutMs = 1500 } = options
    if (typeof prefix !== 'string') throw new TypeError('`prefix` must be a string')
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) {
      throw new TypeError('`timeoutMs` is a whole number of milliseconds above 0')
    }
    const connection = new Connection(driverOf(client), timeoutMs)
    const keys = new Keys(prefix)
    this.#connection = connection
    this.grants = new RedisGrants(connection, keys)
    this.values = new RedisValues(connection, keys)
    this.clients = new RedisClients(connection, keys)
  }

  /**
   * Waits up to 10 s for the client to be connected, and looks whether the server can do the work. Warns
   * (`OAUTH_RATCHET_REDIS_EVICTION`) of a server that may evict what it keeps.
   *
   * @throws StorageError for a server before 6.2, a replica, one node of a cluster without a `Cluster`, a client that
   *   subscribes, monitors, is read-only or has ended
   */
  async init(): Promise<void> {
    const { driver } = this.#connection
    checkClient(driver)
    await waitUntilReady(driver, CONNECT_TIMEOUT_MS)
    await checkServers(driver)
  }

  async ping(): Promise<void> {
    await this.#connection.send((commands) => commands.ping())
  }

  /** Nothing: the client is the app's. */
  async close(): Promise<void> {}
}

function checkNames(options: unknown): void {
  if (typeof (options as Partial<RedisClient> | undefined)?.evalsha === 'function') {
    throw new TypeError('RedisStorage wants { client }, not the client itself')
  }
  const problem = wrongOptions('RedisStorage', options, names, aliases)
  if (problem !== undefined) throw new TypeError(problem)
}
