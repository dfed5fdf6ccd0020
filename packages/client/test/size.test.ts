import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  const sizes = outputFiles.map((file) => gzipSync(file.contents, { level: 9 }).length)
  return {
    first: sizes[0] ?? 0,
    all: sizes.reduce((sum, size) => sum + size, 0),
    inputs: Object.keys(metafile.inputs),
  }
}

const session = `
  export { createSession } from './session/session.js'
  export { authorizedFetch } from './fetch/authorized-fetch.js'
  export { webStorageStore } from './stores/web-storage-store.js'
`

test('refresh, fetch and store have at most 4 kB gzipped, and 4.3 kB with the lock of browsers', async () => {
  const { all } = await bundle(session)
  const withLock = await bundle(`${session} export { webLock } from './locks/web-lock.js'`)

  expect(all).toBeLessThan(4 * 1024)
  expect(withLock.all).toBeLessThan(4300)
})

test('a page loads at most 5.5 kB at first, and 14 kB with the sign-in, which comes when it is needed', async () => {
  const { first, all } = await bundle(`export { createClient } from './index.js'`)

  expect(first).toBeLessThan(5500)
  expect(all).toBeLessThan(14 * 1024)
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
