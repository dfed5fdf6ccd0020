import { installWithApt, systemProbes } from '../install-with-apt.js'
import type { SystemProbes } from '../install-with-apt.js'

export const HOW_TO_GET_REDIS =
  'There is no Redis to test on. Set REDIS_URL to one that the tests may write to, or install one: ' +
  '`sudo apt-get install -y redis-server` on Debian and Ubuntu, `brew install redis` on macOS.'

const SERVER_NAMES = ['redis-server', 'valkey-server']

/** The program of a Redis server: that of `REDIS_SERVER_BINARY`, one on PATH, or one that apt brings. */
export function findRedisServer(probes: SystemProbes = systemProbes): string {
  const named = probes.env['REDIS_SERVER_BINARY']
  if (named) {
    if (probes.isExecutable(named)) return named
    throw new Error(`REDIS_SERVER_BINARY is ${named}, which is not a program that can be run.`)
  }
  const onPath = (): string | undefined =>
    SERVER_NAMES.map(probes.findOnPath).find((path) => path !== undefined)
  const found = onPath() ?? (installWithApt(probes, 'redis-server') ? onPath() : undefined)
  if (!found) throw new Error(HOW_TO_GET_REDIS)
  return found
}
