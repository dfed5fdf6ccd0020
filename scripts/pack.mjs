// Packs every package as npm publishes it: `node scripts/pack.mjs <folder>`. Prints name, version, tarball, size and
// files of each as JSON.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Packs what was built into `folder`. */
export function packPackages(folder) {
  mkdirSync(folder, { recursive: true })
  const parameters = ['pack', '--silent', '--json', '--ignore-scripts', '--workspace', 'packages']
  const { status, stdout, stderr } = spawnSync('npm', [...parameters, '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm pack failed: ${stderr || stdout}`)
  // An array, or since npm 11.6 an object by name.
  return Object.values(JSON.parse(stdout)).map(({ name, version, filename, size, files }) => ({
    name,
    version,
    tarball: join(folder, filename),
    size,
    files: files.map(({ path }) => path),
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = 'packed'] = process.argv.slice(2)
  process.stdout.write(`${JSON.stringify(packPackages(resolve(folder)), null, 2)}\n`)
}
