import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../peers', import.meta.url))

/** Installs the peers from their lockfile when they are not there. False where that fails, with what npm says on stderr. */
export function peersInstalled() {
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return true
  process.stderr.write('bench: installing the peers (npm ci in benchmarks/peers)\n')
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--silent'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  return npm.status === 0
}
