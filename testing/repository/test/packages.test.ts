import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const address = 'https://github.com/oauth-ratchet/oauth-ratchet'

/** npm and the checkers take their time where others keep the processors busy. */
const TIMEOUT_MS = 180_000

interface Packed {
  readonly name: string
  readonly version: string
  readonly size: number
  readonly files: readonly string[]
}

interface Manifest {
  readonly [field: string]: unknown
  readonly name: string
  readonly repository?: { readonly url?: string; readonly directory?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const packages = readdirSync(join(root, 'packages')).map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as Manifest,
}))

let folder: string
let packed: readonly Packed[]

function runScript(name: string) {
  return spawnSync(process.execPath, [join(root, 'scripts', name), folder], {
    cwd: root,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-packed-'))
  packed = JSON.parse(runScript('pack.mjs').stdout) as Packed[]
}, TIMEOUT_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The tarball of the package in a folder of packages/. */
function tarballOf(directory: string): Packed {
  const { manifest } = packages.find((each) => each.folder === directory)!
  const found = packed.find(({ name }) => name === manifest.name)
  if (!found) throw new Error(`${manifest.name} was not packed`)
  return found
}

test.each(packages)(
  'the tarball of $folder is what was built of its sources, its page and its license, and nothing else',
  ({ folder: directory }) => {
    const { files } = tarballOf(directory)
    const source = join(root, 'packages', directory, 'src')
    const unexpected = files.filter((file) => {
      if (['LICENSE', 'README.md', 'package.json', 'dist/cjs/package.json'].includes(file)) return false
      const built = /^dist\/(?:cjs|esm)\/(.+?)(?:\.d\.ts|\.js)$/.exec(file)
      return built === null || !existsSync(join(source, `${built[1]}.ts`))
    })

    expect(unexpected).toEqual([])
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    const sources = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )
    expect(files.filter((file) => file.startsWith('dist/esm/'))).toHaveLength(2 * sources.length)
  },
)

test.each(packages)('npm shows where $folder comes from', ({ folder: directory, manifest }) => {
  expect(manifest).toMatchObject({
    license: 'MIT',
    author: 'The oauth-ratchet authors',
    homepage: `${address}/tree/main/packages/${directory}#readme`,
    bugs: `${address}/issues`,
    repository: { type: 'git', url: `git+${address}.git`, directory: `packages/${directory}` },
    publishConfig: { access: 'public' },
    keywords: expect.arrayContaining(['oauth2', 'oauth-ratchet', 'refresh-token']),
  })
  expect(readFileSync(join(root, 'packages', directory, 'LICENSE'), 'utf8')).toBe(
    readFileSync(join(root, 'LICENSE'), 'utf8'),
  )
})

test('all packages have one version, and ask for that version of each other', () => {
  const versions = new Set(packages.map(({ manifest }) => manifest['version']))
  expect(versions.size).toBe(1)
  const names = new Set(packages.map(({ manifest }) => manifest.name))
  const wanted = packages.flatMap(({ manifest: { dependencies, peerDependencies } }) =>
    Object.entries({ ...dependencies, ...peerDependencies }).filter(([name]) => names.has(name)),
  )
  expect(wanted.filter(([, range]) => !versions.has(range))).toEqual([])
})

test.each(packages)(
  'a link on the page of $folder leads somewhere from anywhere',
  ({ folder: directory }) => {
    const text = readFileSync(join(root, 'packages', directory, 'README.md'), 'utf8')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
    const broken = links.filter((link) => {
      if (link.startsWith('#')) return !headingsOf(text).includes(link.slice(1))
      if (!link.startsWith(address)) return !link.startsWith('https://')
      const [path = '', heading] = link.slice(address.length).split('#')
      const file = join(root, path.replace(/^\/(?:blob|tree)\/main\//, ''))
      if (!existsSync(file) || path.startsWith('/tree/') !== (path !== '' && statSync(file).isDirectory()))
        return true
      const page = statSync(file).isDirectory() ? join(file, 'README.md') : file
      return heading !== undefined && !headingsOf(readFileSync(page, 'utf8')).includes(heading)
    })
    expect(broken).toEqual([])
  },
)

/** The anchors that a code host gives the headings of a page. */
function headingsOf(markdown: string): string[] {
  return [...markdown.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('no package weighs more than its bound: `npm run sizes` moves the bounds, in a change that says why', () => {
  const table = JSON.parse(
    readFileSync(join(root, 'testing', 'repository', 'package-sizes.json'), 'utf8'),
  ) as Record<string, { readonly bound: number }>
  const wrong = packed
    .filter(({ name, size }) => size > (table[name]?.bound ?? 0) || size < (table[name]?.bound ?? 0) / 2)
    .map(({ name, size }) => ({ name, size, bound: table[name]?.bound }))

  expect(wrong).toEqual([])
  expect(Object.keys(table).toSorted()).toEqual(packages.map(({ manifest }) => manifest.name).toSorted())
})

test(
  'publint and attw have nothing to say about any tarball',
  () => {
    const { status, stdout, stderr } = runScript('check-tarballs.mjs')
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  },
  TIMEOUT_MS,
)
