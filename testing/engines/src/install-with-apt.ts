import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { findOnPath, isExecutable } from './executables.js'

/** What the decision looks at, so that a test can put something else there. */
export interface SystemProbes {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly findOnPath: (name: string) => string | undefined
  readonly isExecutable: (path: string) => boolean
  /** Debian, Ubuntu and what is made of them. */
  readonly isDebian: () => boolean
  readonly isRoot: () => boolean
  readonly run: (command: string, args: readonly string[]) => boolean
  readonly say: (line: string) => void
}

function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
}

export const systemProbes: SystemProbes = {
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

/** Installs a package where that is no surprise: on Debian and the like, as root or with `CI` set. True if it did. */
export function installWithApt(
  { env, isDebian: debian, isRoot, run, say }: SystemProbes,
  name: string,
): boolean {
  const root = isRoot()
  if (!debian() || (!root && !env['CI'])) return false
  const apt = root ? ['apt-get'] : ['sudo', '-n', 'apt-get']
  const [command = '', ...before] = apt
  say(`engines: no ${name} here; running \`${apt.join(' ')} install -y ${name}\``)
  const install = (): boolean => run(command, [...before, 'install', '-y', name])
  // A fresh machine has no lists of packages yet.
  return install() || (run(command, [...before, 'update']) && install())
}
