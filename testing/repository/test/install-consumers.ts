import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const sources = join(root, 'testing', 'repository', 'consumers')
const addon = join('node_modules', 'better-sqlite3', 'build', 'Release', 'better_sqlite3.node')

interface Packed {
  readonly name: string
  readonly tarball: string
}

function run(program: string, parameters: readonly string[], cwd: string): string {
  const shell = process.platform === 'win32'
  const { status, stdout, stderr } = spawnSync(program, parameters, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell,
  })
  if (status !== 0) throw new Error(`${program} ${parameters[0]} failed:\n${stdout}\n${stderr}`)
  return stdout
}

/**
 * Packs every package and installs the tarballs into a project of their own, with what they are used beside. The
 * project lies outside the repository, whose node_modules would hide a dependency that is missing; it is kept for the
 * next run, and only our packages are installed anew.
 *
 * @param betterSqlite3 - another version than that of the workspace, which is built or downloaded; the workspace's is
 *   taken from there as it was built, since building takes a minute.
 * @returns the project's folder, and the names of the packages.
 */
export function installConsumers(betterSqlite3?: string): {
  readonly folder: string
  readonly names: string[]
} {
  const lock = readFileSync(join(sources, 'package-lock.json'))
  const key = createHash('sha256')
    .update(`${root}\0${betterSqlite3}\0`)
    .update(lock)
    .digest('hex')
    .slice(0, 16)
  const folder = join(tmpdir(), `oauth-ratchet-consumers-${key}`)
  const tarballs = join(folder, 'tarballs')
  for (const stale of ['tarballs', 'compiled', 'node_modules/@oauth-ratchet', 'node_modules/oauth-ratchet'])
    rmSync(join(folder, stale), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packed = JSON.parse(
    run(process.execPath, [join(root, 'scripts', 'pack.mjs'), tarballs], root),
  ) as Packed[]

  cpSync(sources, folder, { recursive: true })
  for (const extension of ['mts', 'cts'])
    cpSync(join(sources, 'everything.ts'), join(folder, `everything.${extension}`))
  rmSync(join(folder, 'everything.ts'))
  const manifest = JSON.parse(readFileSync(join(sources, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const { name, tarball } of packed) manifest.dependencies[name] = `file:${tarball}`
  if (betterSqlite3 !== undefined) manifest.dependencies['better-sqlite3'] = betterSqlite3
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], folder)
  if (betterSqlite3 !== undefined) run('npm', ['rebuild', 'better-sqlite3'], folder)
  else if (!existsSync(join(folder, addon))) cpSync(join(root, addon), join(folder, addon))
  return { folder, names: packed.map(({ name }) => name) }
}
