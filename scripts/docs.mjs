// `npm run docs`: makes the site of docs/ in website/dist, and checks it. With --serve it is shown on http://127.0.0.1:4173;
// --without-api leaves out the reference, which takes half of the time.
// Its tools are no part of the workspaces, since typedoc needs TypeScript 6; they are installed in website/ at the first run.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const website = fileURLToPath(new URL('../website/', import.meta.url))

function run(command, parameters) {
  const { status } = spawnSync(command, parameters, { cwd: website, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

function isInstalled() {
  const installed = `${website}node_modules/.package-lock.json`
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${website}package-lock.json`).mtimeMs
  )
}

if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund'])
// What was generated before may be of a package or export that is gone.
rmSync(`${website}api`, { recursive: true, force: true })
if (!process.argv.includes('--without-api')) run(process.execPath, ['node_modules/typedoc/bin/typedoc'])
run(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'build', '.'])
run(process.execPath, ['check.mjs'])
if (process.argv.includes('--serve')) {
  run(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'preview', '.', '--port', '4173'])
}
