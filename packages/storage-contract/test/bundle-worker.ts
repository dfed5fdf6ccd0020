import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { buildSync } from 'esbuild'

const root = join(__dirname, '..', '..', '..')
const bundles = new Map<string, string>()

/**
 * Makes one program that plain Node runs out of a worker written in TypeScript, from the sources as they are now:
 * a worker that imported the packages would run what was built last.
 */
export function bundleWorker(entry: string): string {
  const present = bundles.get(entry)
  if (present !== undefined) return present
  const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-worker-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'worker.cjs')
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    tsconfig: join(root, 'tsconfig.test.json'),
    packages: 'external',
    // The packages that stay outside are looked for from where the source stands.
    banner: { js: `require = require('node:module').createRequire(${JSON.stringify(entry)})` },
  })
  bundles.set(entry, outfile)
  return outfile
}
