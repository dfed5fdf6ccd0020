import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../free-port.js'
import { startProcess, type OwnedProcess } from '../owned-process.js'
import { disown, own } from '../reaper.js'
import { waitUntil } from '../wait-until.js'
import { redisInfo, redisVersion, type RedisVersion } from './ask-redis.js'

export type RedisPersistence = 'none' | 'aof-everysec' | 'aof-always' | 'rdb'

export interface RedisServerOptions {
  /** What outlives a `kill`. Default: 'none'. */
  readonly persistence?: RedisPersistence
  /** More of the command line: `['--maxmemory', '8mb']`. */
  readonly args?: readonly string[]
  /** The program. Default: the one that the run found. */
  readonly binary?: string
}

export interface RedisServer extends RedisVersion {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly pid: () => number
  /** Ends it at once; its data stays for {@link RedisServer.restart}. */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>
  /** Starts it again on the same port with what it had written down. */
  readonly restart: () => Promise<void>
  /** It keeps its connections and answers nothing, until {@link RedisServer.thaw}. */
  readonly freeze: () => void
  readonly thaw: () => void
  readonly pause: (ms: number) => Promise<void>
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}

const PERSISTENCE: Readonly<Record<RedisPersistence, readonly string[]>> = {
  none: ['--save', '', '--appendonly', 'no'],
  'aof-everysec': ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
  'aof-always': ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
  rdb: ['--save', '1 1', '--appendonly', 'no'],
}

const ATTEMPTS = 5

class StartFailure extends Error {}

async function boot(
  binary: string,
  port: number,
  directory: string,
  args: readonly string[],
): Promise<OwnedProcess> {
  const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no']
  const server = startProcess(binary, [...common, ...args], directory)
  let gone = false
  void server.exited.then(() => {
    gone = true
    return undefined
  })
  await waitUntil(`Redis answers on port ${port}`, async () => {
    if (gone) return true
    // Somebody else's server on that port would answer as well.
    const info = await redisInfo(`redis://127.0.0.1:${port}`, 'server')
    return info.get('process_id') === String(server.pid)
  })
  if (gone) throw new StartFailure(`${binary} did not start on port ${port}:\n${server.output()}`)
  return server
}

/** Between the look for a free port and the start somebody else may have taken it. */
async function bootOnFreePort(
  binary: string,
  directory: string,
  args: readonly string[],
): Promise<[number, OwnedProcess]> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return [port, await boot(binary, port, directory, args)]
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof StartFailure)) throw error
    }
  }
}

/** A Redis server on 127.0.0.1 with a directory of its own. It goes with this process at the latest. */
export async function startRedisServer(
  options: RedisServerOptions & { readonly binary: string },
): Promise<RedisServer> {
  const { binary, persistence = 'none', args: more = [] } = options
  const args = [...PERSISTENCE[persistence], ...more]
  const directory = mkdtempSync(join(tmpdir(), 'oauth-ratchet-redis-'))
  own(directory)
  let [port, server] = await bootOnFreePort(binary, directory, args)
  const url = `redis://127.0.0.1:${port}`
  const freeze = (): void => server.signal('SIGSTOP')
  const thaw = (): void => server.signal('SIGCONT')
  return {
    ...(await redisVersion(url)),
    url,
    host: '127.0.0.1',
    port,
    pid: () => server.pid,
    kill: async (signal = 'SIGKILL') => {
      server.signal(signal)
      await server.exited
    },
    restart: async () => {
      await server.stop()
      server = await boot(binary, port, directory, args)
    },
    freeze,
    thaw,
    pause: async (ms) => {
      freeze()
      await delay(ms)
      thaw()
    },
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
      disown(directory)
    },
  }
}
