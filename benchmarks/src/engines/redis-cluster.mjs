import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const engines = fileURLToPath(new URL('../../../testing/engines/src', import.meta.url))

/** The cluster of the tests: three primaries, each with a replica. They are TypeScript that nothing builds. */
export async function startRedisCluster() {
  const directory = mkdtempSync(join(tmpdir(), 'oauth-ratchet-cluster-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  const outfile = join(directory, 'cluster.cjs')
  buildSync({
    entryPoints: [join(engines, 'redis', 'cluster.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { __dirname: JSON.stringify(engines) },
  })
  const { startRedisCluster: start } = createRequire(import.meta.url)(outfile)
  return start({ binary: process.env.REDIS_SERVER_BINARY ?? 'redis-server' })
}
