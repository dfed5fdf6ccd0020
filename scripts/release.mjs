// A release of every package, in public CI: `npm run release`. With `--dry-run` everything up to the publishing, on any
// machine: what stands in the way is printed, a line each, and the exit code is 1.
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkTarballs } from './check-tarballs.mjs'
import { packPackages } from './pack.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const packed = join(root, 'packed')
const dryRun = process.argv.includes('--dry-run')
/** Each after what it depends on, so that nobody installs what is not there yet. */
const order = [
  'core',
  'http',
  'express',
  'sqlite',
  'redis',
  'mongoose',
  'opentelemetry',
  'storage-contract',
  'oauth2-server',
  'testing',
  'client',
]

function run(program, ...parameters) {
  const { status } = spawnSync(program, parameters, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed.`)
}

function git(...parameters) {
  return spawnSync('git', parameters, { cwd: root, encoding: 'utf8' }).stdout.trim()
}

const folders = readdirSync(join(root, 'packages'))
const manifests = folders.map((name) =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
)
const [{ version }] = manifests
const tag = `v${version}`
const problems = []
const check = (fine, otherwise) => {
  if (!fine) problems.push(otherwise)
}

check(git('status', '--porcelain') === '', 'The working tree has changes.')
check(new Set(manifests.map((each) => each.version)).size === 1, 'The packages have more than one version.')
check(
  readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version} (`),
  `CHANGELOG.md has no section "## ${version} (date)".`,
)
check(
  readdirSync(join(root, '.changeset')).every((name) => ['config.json', 'README.md'].includes(name)),
  'Changesets wait: `npm run raise-version` first.',
)
if (dryRun) check(git('tag', '--list', tag) === '', `The tag ${tag} is there already.`)
else check(git('tag', '--points-at', 'HEAD').split('\n').includes(tag), `This commit has not the tag ${tag}.`)
if (!dryRun) check(process.env.GITHUB_ACTIONS === 'true', 'Publishing, with provenance, is for public CI.')

run('npm', 'run', 'clean')
run('npm', 'run', 'build')
rmSync(packed, { recursive: true, force: true })
const tarballs = packPackages(packed)
problems.push(...(await checkTarballs(packed)))
run('npx', 'jest', 'testing/repository/test/packages.test.ts', 'testing/repository/test/public-api.test.ts')

const rank = ({ name }) => {
  const place = order.indexOf(name.replace('@oauth-ratchet/', ''))
  return place === -1 ? order.length : place
}
for (const problem of problems) console.log(`release: ${problem}`)
if (problems.length > 0 && !dryRun) process.exit(1)
for (const { tarball } of tarballs.toSorted((a, b) => rank(a) - rank(b))) {
  const parameters = ['publish', tarball, '--provenance', '--access', 'public']
  if (dryRun) console.log(`release: would run: npm ${parameters.join(' ')}`)
  else run('npm', ...parameters)
}
if (dryRun) console.log(`release: the tag ${tag}, once pushed, would publish it`)
process.exitCode = problems.length > 0 ? 1 : 0
