import { build } from 'esbuild'
import { join } from 'node:path'

const client = join(__dirname, '..', '..', '..', 'packages', 'client', 'src')

/** Files by the name under which a page asks for them. */
export type Bundle = ReadonlyMap<string, string>

/**
 * A program as a bundler makes it for a page: ES modules, one for each dynamic import. `@oauth-ratchet/client` is the one of
 * the sources.
 *
 * @param source the program's text
 * @param name the name of its entry, without `.js`
 * @param folder where its relative imports begin
 */
export async function bundleForBrowser(source: string, name: string, folder = __dirname): Promise<Bundle> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    entryNames: name,
    outdir: '/',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    alias: {
      '@oauth-ratchet/client': join(client, 'index.ts'),
      '@oauth-ratchet/client/axios': join(client, 'axios.ts'),
    },
  })
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}
