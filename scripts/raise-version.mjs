// Takes the changesets that wait, and gives every package the version that follows: the highest kind that one of them
// names decides. CHANGELOG.md's "Unreleased" becomes that version's section. `changeset version` would make 1.0.0 of
// every minor version: the command line has exact peer ranges on the storages, and it takes that for a breaking change.
import read from '@changesets/read'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const manifestOf = (file) => JSON.parse(readFileSync(file, 'utf8'))

function run(program, parameters) {
  const { status } = spawnSync(program, parameters, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed.`)
}

/** The version after `version`, by the kind of the change. */
export function versionAfter(version, kind) {
  const [major, minor, patch] = version.split('.').map(Number)
  if (kind === 'major') return `${major + 1}.0.0`
  return kind === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

const changesets = await read(root)
const kinds = new Set(changesets.flatMap(({ releases }) => releases.map(({ type }) => type)))
const kind = ['major', 'minor', 'patch'].find((each) => kinds.has(each))
if (kind === undefined) throw new Error('No changeset waits: `npm run changeset` writes one.')

const names = readdirSync(join(root, 'packages')).map((folder) =>
  join(root, 'packages', folder, 'package.json'),
)
const ours = new Set(names.map((file) => manifestOf(file).name))
const { version } = manifestOf(names[0])
const next = versionAfter(version, kind)
const workspaces = ['packages', 'examples', 'testing'].flatMap((group) =>
  readdirSync(join(root, group)).map((folder) => join(root, group, folder, 'package.json')),
)
for (const file of [...workspaces, join(root, 'benchmarks', 'package.json')]) {
  const manifest = manifestOf(file)
  if (ours.has(manifest.name)) manifest.version = next
  for (const field of ['dependencies', 'devDependencies', 'peerDependencies'])
    for (const name of Object.keys(manifest[field] ?? {}))
      if (ours.has(name) && manifest[field][name] === version) manifest[field][name] = next
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

const source = join(root, 'packages', 'cli', 'src', 'version.ts')
writeFileSync(source, readFileSync(source, 'utf8').replace(`'${version}'`, `'${next}'`))
const changelog = join(root, 'CHANGELOG.md')
const today = new Date().toISOString().slice(0, 10)
writeFileSync(
  changelog,
  readFileSync(changelog, 'utf8').replace('## Unreleased\n', `## Unreleased\n\n## ${next} (${today})\n`),
)
for (const { id } of changesets) rmSync(join(root, '.changeset', `${id}.md`))
run('npm', ['install', '--package-lock-only', '--ignore-scripts'])
run(process.execPath, [join(root, 'scripts', 'complete-lockfile.mjs')])
console.log(`raise-version: ${version} -> ${next}`)
