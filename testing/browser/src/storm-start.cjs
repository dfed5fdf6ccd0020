// Starts storm-main.ts under plain Node: bundled in memory, with the packages it needs left where they are.
const Module = require('node:module')
const path = require('node:path')
const esbuild = require('esbuild')

const entry = path.join(__dirname, 'storm-main.ts')
const { outputFiles } = esbuild.buildSync({
  entryPoints: [entry],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  packages: 'external',
  // A workspace that is not built.
  alias: { '@oauth-ratchet/engines': path.join(__dirname, '..', '..', 'engines', 'src', 'index.ts') },
  logLevel: 'warning',
})
const storm = new Module(entry, module)
storm.filename = entry
storm.paths = module.paths
// oxlint-disable-next-line no-underscore-dangle -- the one way to run source text as a module
storm._compile(outputFiles[0].text, entry)
