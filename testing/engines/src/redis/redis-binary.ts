import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { findOnPath, isExecutable } from '../executables.js'

/** What the decision looks at, so that a test can put something else there. */
export interface RedisProbes {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly findOnPath: (name: string) => string | undefined
  readonly isExecutable: (path: string) => boolean
  /** Debian, Ubuntu and what is made of them. */
  readonly isDebian: () => boolean
  readonly isRoot: () => boolean
  readonly run: (command: string, args: readonly string[]) => boolean
  readonly say: (line: string) => void
}

export const HOW_TO_GET_REDIS =
  'There is no Redis to test on. Set REDIS_URL to one that the tests may write to, or install one: ' +
  '`sudo apt-get install -y redis-server` on Debian and Ubuntu, `brew install redis` on macOS.'

const SERVER_NAMES = ['redis-server', 'valkey-server']

function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
}

export const systemProbes: RedisProbes = {
  env: process.env,
  findOnPath,
  isExecutable,
  isDebian,
  isRoot: () => process.getuid?.() === 0,
  run: (command, args) =>
    spawnSync(command, args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0,
  say: (line) => process.stderr.write(`${line}\n`),
}

function installWithApt({ env, isDebian: debian, isRoot, run, say }: RedisProbes): boolean {
  const root = isRoot()
  if (!debian() || (!root && !env['CI'])) return false
  const apt = root ? ['apt-get'] : ['sudo', '-n', 'apt-get']
  const [command = '', ...before] = apt
  say(`engines: no redis-server here; running \`${apt.join(' ')} install -y redis-server\``)
  const install = (): boolean => run(command, [...before, 'install', '-y', 'redis-server'])
  // A fresh machine has no lists of packages yet.
  return install() || (run(command, [...before, 'update']) && install())
}

/** The program of a Redis server: that of `REDIS_SERVER_BINARY`, one on PATH, or one that apt brings. */
export function findRedisServer(probes: RedisProbes = systemProbes): string {
  const named = probes.env['REDIS_SERVER_BINARY']
  if (named) {
    if (probes.isExecutable(named)) return named
    throw new Error(`REDIS_SERVER_BINARY is ${named}, which is not a program that can be run.`)
  }
  const onPath = (): string | undefined =>
    SERVER_NAMES.map(probes.findOnPath).find((path) => path !== undefined)
  const found = onPath() ?? (installWithApt(probes) ? onPath() : undefined)
  if (!found) throw new Error(HOW_TO_GET_REDIS)
  return found
}
