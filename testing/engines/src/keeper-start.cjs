// Starts keeper.ts under plain Node: bundled in memory, with the packages it needs left where they are.
const Module = require('node:module')
const path = require('node:path')
const esbuild = require('esbuild')

const entry = path.join(__dirname, 'keeper.ts')
const { outputFiles } = esbuild.buildSync({
  entryPoints: [entry],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})
const keeper = new Module(entry, module)
keeper.filename = entry
keeper.paths = module.paths
// oxlint-disable-next-line no-underscore-dangle -- the one way to run source text as a module
keeper._compile(outputFiles[0].text, entry)
