import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const sources = join(__dirname, '..', 'src')

/** A program as a bundler makes it for a page, minified: files by name, gzipped bytes each, and what they were made of. */
async function bundle(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: sources, loader: 'ts' },
    entryNames: 'entry',
    outdir: '/',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  })
  const sizes = new Map(
    outputFiles.map((file) => [basename(file.path), gzipSync(file.contents, { level: 9 }).length]),
  )
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]))
  /** Files that these load at once, themselves among them. */
  const withImports = (names: readonly string[]): string[] => [
    ...new Set(
      names.flatMap((name) => [
        name,
        ...withImports(
          (outputs.get(name)?.imports ?? [])
            .filter(({ kind }) => kind === 'import-statement')
            .map(({ path }) => basename(path)),
        ),
      ]),
    ),
  ]
  return {
    /** Gzipped bytes of what a page loads with the entry, and with these chunks, named by how they begin. */
    loads: (...chunks: string[]) =>
      withImports(
        [...sizes.keys()].filter((name) => ['entry', ...chunks].some((one) => name.startsWith(one))),
      )
        .map((name) => sizes.get(name) ?? 0)
        .reduce((sum, size) => sum + size, 0),
    inputs: Object.keys(metafile.inputs),
  }
}

const session = `
  export { createSession } from './session/session.js'
  export { authorizedFetch } from './fetch/authorized-fetch.js'
  export { webStorageStore } from './stores/web-storage-store.js'
`

test('refresh, fetch and store have at most 4 kB gzipped, and 4.3 kB with the lock of browsers', async () => {
  const alone = await bundle(session)
  const withLock = await bundle(`${session} export { webLock } from './locks/web-lock.js'`)

  expect(alone.loads()).toBeLessThan(4 * 1024)
  expect(withLock.loads()).toBeLessThan(4300)
})

test('a page loads at most 6.4 kB at first, and 14 kB with the sign-in, which comes when it is needed', async () => {
  const client = await bundle(`export { createClient } from './index.js'`)

  expect(client.loads()).toBeLessThan(6400)
  expect(client.loads('discovery', 'sign-in-flow')).toBeLessThan(14 * 1024)
})

test('nothing of Node is in it, and nothing but oauth4webapi of anybody else’s', async () => {
  const { inputs } = await bundle(`export { createClient } from './index.js'`)

  expect(inputs.filter((path) => path.startsWith('node:'))).toEqual([])
  expect(
    new Set(
      inputs
        .filter((path) => path.includes('node_modules'))
        .map((path) => /node_modules\/([^/]+)/.exec(path)?.[1]),
    ),
  ).toEqual(new Set(['oauth4webapi']))
})

test('the package has one dependency', () => {
  const { dependencies } = JSON.parse(readFileSync(join(sources, '..', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }

  expect(Object.keys(dependencies)).toEqual(['oauth4webapi'])
})
