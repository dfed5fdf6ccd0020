// `npm run storm`: builds the packages, and starts storm-main.ts. What it was asked for is checked before that takes its time.
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { stormUsage } = require('./storm-usage.cjs')

const root = path.join(__dirname, '..', '..', '..')

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
  const engines = path.join(root, 'testing', 'engines', 'src')
  const { runBundled } = require(path.join(engines, 'run-bundled.cjs'))
  // A workspace that is not built.
  runBundled(path.join(__dirname, 'storm-main.ts'), {
    '@oauth-ratchet/engines': path.join(engines, 'index.ts'),
  })
}

main()
