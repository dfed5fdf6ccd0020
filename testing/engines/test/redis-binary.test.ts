import type { SystemProbes } from '../src/install-with-apt.js'
import { findRedisServer, HOW_TO_GET_REDIS } from '../src/redis/redis-binary.js'

/** A PATH with one program on it. */
function only(wanted: string): SystemProbes['findOnPath'] {
  return (name) => (name === wanted ? `/opt/${name}` : undefined)
}

describe('where the Redis server comes from', () => {
  let said: string[]
  let ran: string[]

  const probes = (change: Partial<SystemProbes>): SystemProbes => ({
    env: {},
    findOnPath: () => undefined,
    isExecutable: () => true,
    isDebian: () => true,
    isRoot: () => true,
    run: (command, args) => {
      ran.push([command, ...args].join(' '))
      return true
    },
    say: (line) => said.push(line),
    ...change,
  })
  /** On PATH from the moment that an installation has succeeded. */
  const afterInstall = (): string | undefined =>
    ran.some((line) => line.includes('install')) ? '/usr/bin/redis-server' : undefined

  beforeEach(() => {
    said = []
    ran = []
  })

  it('is the one on PATH, of whichever name', () => {
    expect(findRedisServer(probes({ findOnPath: only('redis-server') }))).toBe('/opt/redis-server')
    expect(findRedisServer(probes({ findOnPath: only('valkey-server') }))).toBe('/opt/valkey-server')
    expect(ran).toEqual([])
  })

  it('is the one that is named, or an error', () => {
    const env = { REDIS_SERVER_BINARY: '/opt/redis-8/redis-server' }
    expect(findRedisServer(probes({ env, findOnPath: () => '/usr/bin/redis-server' }))).toBe(
      '/opt/redis-8/redis-server',
    )
    expect(() => findRedisServer(probes({ env, isExecutable: () => false }))).toThrow(
      'REDIS_SERVER_BINARY is /opt/redis-8',
    )
  })

  it('is installed on Debian as root, and said aloud', () => {
    expect(findRedisServer(probes({ findOnPath: afterInstall }))).toBe('/usr/bin/redis-server')
    expect(ran).toEqual(['apt-get install -y redis-server'])
    expect(said).toEqual(['engines: no redis-server here; running `apt-get install -y redis-server`'])
  })

  it('is installed with sudo in CI, after the lists of packages where there were none', () => {
    let fresh = true
    const run = (command: string, args: readonly string[]): boolean => {
      const line = [command, ...args].join(' ')
      ran.push(line)
      if (line.endsWith('update')) fresh = false
      return !fresh
    }
    const found = findRedisServer(
      probes({
        env: { CI: 'true' },
        isRoot: () => false,
        run,
        findOnPath: () => (fresh ? undefined : '/usr/bin/redis-server'),
      }),
    )
    expect(found).toBe('/usr/bin/redis-server')
    expect(ran).toEqual([
      'sudo -n apt-get install -y redis-server',
      'sudo -n apt-get update',
      'sudo -n apt-get install -y redis-server',
    ])
  })

  it.each<[string, Partial<SystemProbes>]>([
    ['on another system', { isDebian: () => false }],
    ['on the machine of somebody who is not root', { isRoot: () => false }],
    ['where the installation fails', { run: () => false }],
  ])('is an error with the line to type %s', (_where, change) => {
    expect(() => findRedisServer(probes(change))).toThrow(HOW_TO_GET_REDIS)
    expect(HOW_TO_GET_REDIS).toContain('sudo apt-get install -y redis-server')
  })
})
