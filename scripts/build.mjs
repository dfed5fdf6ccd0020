// Builds every package for ESM and CommonJS with types: `tsc -b`, then the marker that makes dist/cjs CommonJS; removes
// what sources made that are gone; makes the command line executable, for npm links it before it is there; and the demo.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDemo, demoIsStale } from './build-demo.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc')
const built = spawnSync(process.execPath, [tsc, '-b', root], { stdio: 'inherit' })
if (built.status !== 0) process.exit(built.status ?? 1)

for (const name of readdirSync(join(root, 'packages'))) {
  if (!existsSync(join(root, 'packages', name, 'tsconfig.cjs.json'))) continue
  const cjs = join(root, 'packages', name, 'dist', 'cjs')
  mkdirSync(cjs, { recursive: true })
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n')
  for (const format of ['cjs', 'esm']) removeStale(join(root, 'packages', name), format)
}
chmodSync(join(root, 'packages', 'cli', 'dist', 'esm', 'main.js'), 0o755)

if (demoIsStale()) await buildDemo()

/** Removes what was made of a source that is no longer there: `tsc -b` leaves it, and it would be published. */
function removeStale(folder, format) {
  const made = join(folder, 'dist', format)
  for (const name of readdirSync(made, { recursive: true })) {
    const source = name.replace(/(\.d\.ts|\.js)$/, '.ts')
    if (source !== name && !existsSync(join(folder, 'src', source))) rmSync(join(made, name))
  }
}
