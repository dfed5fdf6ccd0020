// `npm run storm`: builds the packages, and starts storm-main.ts under plain Node: bundled in memory, with the packages it needs
// left where they are. What it was asked for is checked before that takes its time.
const { spawnSync } = require('node:child_process')
const Module = require('node:module')
const path = require('node:path')
const esbuild = require('esbuild')
const { stormUsage } = require('./storm-usage.cjs')

const root = path.join(__dirname, '..', '..', '..')
const entry = path.join(__dirname, 'storm-main.ts')

function main() {
  const wrong = [
    ...process.argv.slice(2).filter((argument) => !['--help', '-h'].includes(argument)),
    ...['SESSIONS', 'ROUNDS']
      .filter((name) => !/^([1-9]\d{0,3})?$/.test(process.env[name] ?? ''))
      .map((name) => `${name}=${process.env[name]}`),
  ]
  if (wrong.length > 0) {
    console.error(`Not understood: ${wrong.join(' ')}\n\n${stormUsage}`)
    process.exitCode = 2
  } else if (process.argv.length > 2) {
    console.log(stormUsage)
  } else {
    const build = path.join(root, 'scripts', 'build.mjs')
    const { status } = spawnSync(process.execPath, [build], { cwd: root, stdio: ['ignore', 2, 2] })
    if (status === 0) startStorm()
    else process.exitCode = 1
  }
}

function startStorm() {
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    // A workspace that is not built.
    alias: { '@oauth-ratchet/engines': path.join(root, 'testing', 'engines', 'src', 'index.ts') },
    logLevel: 'warning',
  })
  const storm = new Module(entry, module)
  storm.filename = entry
  storm.paths = module.paths
  // oxlint-disable-next-line no-underscore-dangle -- the one way to run source text as a module
  storm._compile(outputFiles[0].text, entry)
}

main()
