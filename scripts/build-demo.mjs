// Builds examples/browser, the demo that the example server has under /demo/: bundles and the files beside them.
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'examples', 'browser', 'src')
const client = join(root, 'packages', 'client', 'src')
const dist = join(root, 'examples', 'browser', 'dist')

/** Whether a source is newer than what was built. */
export function demoIsStale() {
  const built = join(dist, 'index.html')
  if (!existsSync(built)) return true
  const since = statSync(built).mtimeMs
  const files = [source, client].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => join(folder, name)),
  )
  return [...files, fileURLToPath(import.meta.url)].some((file) => statSync(file).mtimeMs > since)
}

/** Builds into a folder, whose content is replaced. */
export async function buildDemo(folder = dist) {
  // Loaded only when needed: most starts have nothing to build.
  const { build } = await import('esbuild')
  rmSync(folder, { recursive: true, force: true })
  await build({
    entryPoints: { demo: join(source, 'main.ts'), 'copy-buttons': join(source, 'copy-buttons.ts') },
    outdir: folder,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    alias: { '@oauth-ratchet/client': join(client, 'index.ts') },
    logLevel: 'warning',
  })
  // index.html last: it is what the age of the build is read from.
  for (const name of ['demo.css', 'index.html']) cpSync(join(source, name), join(folder, name))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = dist] = process.argv.slice(2)
  await buildDemo(resolve(folder))
}
