import { createHash } from 'node:crypto'
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

import { buildSync } from 'esbuild'

const root = join(__dirname, '..', '..', '..')
const folder = join(root, 'node_modules', '.cache', 'oauth-ratchet-workers')
const bundled = new Set<string>()

/**
 * Makes one program that plain Node runs out of a worker written in TypeScript, from the sources as they are now:
 * a worker that imported the packages would run what was built last.
 */
export function bundleWorker(entry: string): string {
  const program = join(folder, `${createHash('sha256').update(entry).digest('hex').slice(0, 16)}.cjs`)
  if (bundled.has(program)) return program
  mkdirSync(folder, { recursive: true })
  // Test files run at the same time and may want the same worker: none may see half of it.
  const unfinished = `${program}.${process.pid}`
  buildSync({
    entryPoints: [entry],
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    tsconfig: join(root, 'tsconfig.test.json'),
    packages: 'external',
    // The packages that stay outside are looked for from where the source stands.
    banner: { js: `require = require('node:module').createRequire(${JSON.stringify(entry)})` },
  })
  renameSync(unfinished, program)
  bundled.add(program)
  return program
}
