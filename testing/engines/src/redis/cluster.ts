import { waitUntil } from '../wait-until.js'
import { askRedis, redisVersion, type RedisVersion } from './ask-redis.js'
import { startRedisServer, type RedisServer, type RedisServerOptions } from './redis-server.js'

export interface RedisCluster extends RedisVersion {
  /** For `new Cluster(nodes)`. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** Three primaries first, then the replica of each. Who is who changes with a failover. */
  readonly servers: readonly RedisServer[]
  /** The server that answers for a key; while a failover is under way, the one that will. */
  readonly primaryOf: (key: string) => Promise<RedisServer>
  /** All slots are served by nodes that run, and every running node knows it. */
  readonly waitUntilOk: () => Promise<void>
  readonly stop: () => Promise<void>
}

const PRIMARIES = 3
const SLOTS = 16_384
const NODE_TIMEOUT_MS = 1500
const FAILOVER_WAIT = { timeoutMs: 30_000, everyMs: 50 }

function slotsOf(primary: number): number[] {
  const first = Math.ceil((primary * SLOTS) / PRIMARIES)
  const end = Math.ceil(((primary + 1) * SLOTS) / PRIMARIES)
  return Array.from({ length: end - first }, (_, i) => first + i)
}

async function clusterInfo(server: RedisServer): Promise<string> {
  return String(await askRedis(server.url, 'CLUSTER', 'INFO'))
}

async function knownNodes(server: RedisServer): Promise<string[]> {
  const lines = String(await askRedis(server.url, 'CLUSTER', 'NODES'))
    .trim()
    .split('\n')
  return lines.filter((line) => !line.includes('handshake'))
}

async function everywhere(
  servers: readonly RedisServer[],
  holds: (server: RedisServer) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(servers.map(holds))).every(Boolean)
}

async function meet(servers: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = servers
  if (!first) return
  for (const { host, port } of others) await askRedis(first.url, 'CLUSTER', 'MEET', host, port)
  await waitUntil('all nodes of the cluster know one another', () =>
    everywhere(servers, async (server) => (await knownNodes(server)).length === servers.length),
  )
}

async function appointReplicas(
  primaries: readonly RedisServer[],
  replicas: readonly RedisServer[],
): Promise<void> {
  for (const [i, replica] of replicas.entries()) {
    const primary = primaries[i]
    if (primary)
      await askRedis(
        replica.url,
        'CLUSTER',
        'REPLICATE',
        String(await askRedis(primary.url, 'CLUSTER', 'MYID')),
      )
  }
  await waitUntil('every replica follows its primary', () =>
    everywhere(replicas, async ({ url }) =>
      String(await askRedis(url, 'INFO', 'replication')).includes('master_link_status:up'),
    ),
  )
}

interface SlotOwner {
  readonly port: number
  readonly serves: (slot: number) => boolean
}

/** The nodes that hold slots and are not known to have failed, as `witness` sees it. */
async function slotOwners(witness: RedisServer): Promise<SlotOwner[]> {
  return (await knownNodes(witness)).flatMap((line) => {
    const [, address = '', flags = '', , , , , , ...ranges] = line.split(' ')
    if (!flags.includes('master') || flags.includes('fail') || ranges.length === 0) return []
    const serves = (slot: number): boolean =>
      ranges.some((range) => {
        const [from = NaN, to = from] = range.split('-').map(Number)
        return from <= slot && slot <= to
      })
    return [{ port: Number(/:(\d+)@/.exec(address)?.[1]), serves }]
  })
}

async function isOk(server: RedisServer): Promise<boolean> {
  const info = await clusterInfo(server)
  return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`)
}

/** Whoever answers: of a cluster with a killed node the others still do. */
async function running(servers: readonly RedisServer[]): Promise<RedisServer[]> {
  const answers = await Promise.all(
    servers.map((server) =>
      askRedis(server.url, 'PING').then(
        () => [server],
        () => [],
      ),
    ),
  )
  return answers.flat()
}

/** All running nodes are content, and none believes in an owner of slots that is gone. */
async function isWhole(up: readonly RedisServer[]): Promise<boolean> {
  const ports = new Set(up.map(({ port }) => port))
  return everywhere(up, async (server) => {
    const owners = await slotOwners(server)
    return (await isOk(server)) && owners.length === PRIMARIES && owners.every(({ port }) => ports.has(port))
  })
}

/** A real cluster of three primaries, each with a replica that takes over by itself when its primary is killed. */
export async function startRedisCluster(
  options: RedisServerOptions & { readonly binary: string },
): Promise<RedisCluster> {
  const clusterArgs = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT_MS)]
  const promptArgs = ['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0']
  const args = [...clusterArgs, ...promptArgs, ...(options.args ?? [])]
  const servers = await Promise.all(
    Array.from({ length: 2 * PRIMARIES }, () => startRedisServer({ ...options, args })),
  )
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  const waitUntilOk = (): Promise<void> =>
    waitUntil('the cluster is ok', async () => isWhole(await running(servers)), FAILOVER_WAIT)
  try {
    const primaries = servers.slice(0, PRIMARIES)
    for (const [i, { url }] of servers.entries()) {
      await askRedis(url, 'CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
      if (i < PRIMARIES) await askRedis(url, 'CLUSTER', 'ADDSLOTS', ...slotsOf(i))
    }
    await meet(servers)
    await appointReplicas(primaries, servers.slice(PRIMARIES))
    await waitUntilOk()
    return {
      ...(await redisVersion(servers[0]?.url ?? '')),
      nodes: servers.map(({ host, port }) => ({ host, port })),
      servers,
      primaryOf: async (key) => {
        await waitUntilOk()
        const [witness] = await running(servers)
        if (!witness) throw new Error('no node of the cluster answers')
        const slot = Number(await askRedis(witness.url, 'CLUSTER', 'KEYSLOT', key))
        const owner = (await slotOwners(witness)).find(({ serves }) => serves(slot))
        const found = servers.find(({ port }) => port === owner?.port)
        if (!found) throw new Error(`no node of the cluster serves slot ${slot}`)
        return found
      },
      waitUntilOk,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
