import { setTimeout as delay } from 'node:timers/promises'

import { StorageError } from '@oauth-ratchet/core'

import { primariesOf } from './redis-client.js'
import type { Driver, RedisNode } from './redis-client.js'

/** GETEX, GETDEL and SET with PXAT came with it. */
const OLDEST_VERSION = [6, 2] as const

/** How long a server has to tell what it is. One that does not is no reason to do without the others. */
const PATIENCE_MS = 2000

type Info = ReadonlyMap<string, string>

/**
 * What can be seen without asking a server.
 *
 * @throws StorageError with what is wrong and what to do
 */
export function checkClient(driver: Driver): void {
  if (driver.mode === 'subscriber' || driver.mode === 'monitor') {
    refuse(
      `The Redis client is in ${driver.mode} mode: hand in one of its own, for instance \`client.duplicate()\``,
    )
  }
  if (!driver.isCluster && driver.options.readOnly === true) {
    refuse('The Redis client has the option `readOnly`: hand in one that may write')
  }
}

/**
 * Looks whether the servers behind the client can do the work. What they do not tell, because the app's user may not
 * ask or a node of the cluster is just failing, is taken to be right.
 *
 * @throws StorageError with what is wrong and what to do
 */
export async function checkServers(driver: Driver): Promise<void> {
  const servers = primariesOf(driver)
  const infos = await Promise.all(servers.map((server) => readInfo(server.info())))
  for (const info of infos) checkVersion(info)
  if (!driver.isCluster) await checkRole(infos[0], servers[0])
  warnOfEviction(infos)
}

function checkVersion(info: Info): void {
  const version = info.get('redis_version')
  if (version === undefined) return
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_VERSION
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  refuse(`This is Redis ${version}, and the storage needs ${OLDEST_VERSION.join('.')} or later`)
}

async function checkRole(info: Info | undefined, server: RedisNode | undefined): Promise<void> {
  if (info?.get('role') === 'slave') {
    refuse('The Redis client is connected to a replica: connect it to the primary')
  }
  if (info?.get('cluster_enabled') !== '1' || server === undefined) return
  const cluster = await readInfo(server.cluster('INFO'))
  if (Number(cluster.get('cluster_size') ?? 0) > 1) {
    refuse('The Redis client is connected to one node of a cluster: hand in a `Cluster`')
  }
}

function warnOfEviction(infos: readonly Info[]): void {
  const evicting = infos.find(
    (info) => Number(info.get('maxmemory') ?? 0) > 0 && policyOf(info) !== 'noeviction',
  )
  if (evicting === undefined) return
  process.emitWarning(
    `Redis is set to evict keys when its memory is full (maxmemory-policy ${policyOf(evicting)}): it would end ` +
      'sessions, and forget revocations. Set maxmemory-policy to noeviction.',
    { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_REDIS_EVICTION' },
  )
}

function policyOf(info: Info): string {
  return info.get('maxmemory_policy') ?? 'noeviction'
}

/** The fields of an answer; none where there is no answer, or not in time. */
async function readInfo(question: Promise<string>): Promise<Info> {
  const text = await Promise.race([question.catch(() => ''), delay(PATIENCE_MS, '', { ref: false })])
  const fields = text.split(/\r?\n/).map((line) => /^(\w+):(.*)$/.exec(line))
  return new Map(
    fields.flatMap((field) => (field === null ? [] : [[field[1] ?? '', field[2] ?? ''] as const])),
  )
}

function refuse(why: string): never {
  throw new StorageError(`${why}.`, { outcome: 'not_applied' })
}
