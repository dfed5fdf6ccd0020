// Runs a program in TypeScript under plain Node: bundled in memory, with the packages it needs left where they are.
const Module = require('node:module')
const esbuild = require('esbuild')

/** @param alias packages that are bundled from a file of their own, as those are that are not built */
exports.runBundled = (entry, alias = {}) => {
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    alias,
    logLevel: 'warning',
  })
  const program = new Module(entry, require.main)
  program.filename = entry
  program.paths = require.main.paths
  // oxlint-disable-next-line no-underscore-dangle -- the one way to run source text as a module
  program._compile(outputFiles[0].text, entry)
}
