import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../peers', import.meta.url))

/**
 * Installs the peers from their lockfile where they are not there, or are of other versions.
 *
 * @returns false where that fails, with the reason on stderr
 */
export function peersInstalled() {
  if (areInstalled()) return true
  process.stderr.write('bench: installing the peers (npm ci in benchmarks/peers)\n')
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (npm.status === 0) return true
  process.stderr.write('bench: the peers could not be installed, so this run goes on without them.\n')
  return false
}

function areInstalled() {
  const wanted = packagesIn('package-lock.json')
  const present = packagesIn('node_modules/.package-lock.json')
  return Object.entries(wanted ?? {}).every(
    ([path, { version, optional }]) => path === '' || optional || present?.[path]?.version === version,
  )
}

function packagesIn(lockfile) {
  try {
    return JSON.parse(readFileSync(`${folder}/${lockfile}`, 'utf8')).packages
  } catch {
    return undefined
  }
}
