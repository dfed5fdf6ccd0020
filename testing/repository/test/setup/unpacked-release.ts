import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(__dirname, '..', '..', '..', '..')

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/**
 * Unpacks the packages of a release into `node_modules` of a folder, beside links to what they need of others, which the
 * workspace has: nothing is downloaded.
 */
export function unpackRelease(version: string, folder: string): void {
  const packed = join(root, 'testing', 'releases', version)
  const names = existsSync(packed) ? readdirSync(packed).filter((name) => name.endsWith('.tgz')) : []
  if (names.length === 0) throw new Error(`testing/releases/${version} has no packed packages.`)
  const modules = join(folder, 'node_modules')
  const manifests = names.map((name) => unpack(join(packed, name), modules))
  const needed = manifests.flatMap(({ dependencies, peerDependencies }) =>
    Object.keys({ ...dependencies, ...peerDependencies }),
  )
  for (const name of new Set(needed)) {
    const path = join(modules, name)
    const workspace = join(root, 'node_modules', name)
    if (!existsSync(path) && name.startsWith('@oauth-ratchet/'))
      throw new Error(`testing/releases/${version} lacks ${name}: the workspace's must not stand in for it.`)
    // What is optional need not be there.
    if (existsSync(path) || !existsSync(workspace)) continue
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(workspace, path)
  }
}

function unpack(file: string, modules: string): Manifest {
  const place = join(modules, '.unpacked')
  mkdirSync(place, { recursive: true })
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', place], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} cannot be unpacked: ${stderr}`)
  const manifest = JSON.parse(readFileSync(join(place, 'package', 'package.json'), 'utf8')) as Manifest
  const path = join(modules, manifest.name)
  mkdirSync(dirname(path), { recursive: true })
  renameSync(join(place, 'package'), path)
  return manifest
}
