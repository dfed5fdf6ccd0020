import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(__dirname, '..', '..', '..')

/** What each package may import of ours: one way down. */
const mayImport: Record<string, readonly string[]> = {
  client: [],
  core: [],
  http: ['core'],
  // With `http/adapter`, which is for this package alone.
  express: ['core', 'http', 'http/adapter'],
  sqlite: ['core'],
  redis: ['core'],
  mongoose: ['core'],
  'oauth2-server': ['core'],
  opentelemetry: ['core'],
  'storage-contract': ['core'],
  testing: ['core'],
  cli: ['core', 'sqlite', 'redis', 'mongoose'],
}

/** The rooms of the core from the top down: a file imports, types included, from its own room or from one below. */
const rooms = [
  'index',
  'authorization-server',
  'endpoints',
  'tokens',
  'token-introspection',
  'protocol',
  'grant-types',
  'server-parts',
  'grants',
  'access-tokens',
  'clients',
  'ratchet',
  'throttle',
  'maintenance',
  'recently-used',
  'writable',
  'events',
  'options',
  'storage',
  'http',
  'instrumentation',
  'faults',
]

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

function importsOf(file: string): { readonly from: string }[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(?:import|export)[^'"`;]*? from '([^']+)'/gms)].map((match) => ({
    from: match[1] ?? '',
  }))
}

const packages = readdirSync(join(root, 'packages'))

test('every package has a rule for what it may import', () => {
  expect(packages.filter((name) => mayImport[name] === undefined)).toEqual([])
})

test.each(packages)('%s imports nothing of ours but what stands below it', (name) => {
  const allowed = mayImport[name]?.map((other) => `@oauth-ratchet/${other}`)
  const offending = sources(join(root, 'packages', name, 'src')).flatMap((file) =>
    importsOf(file)
      .filter(({ from }) => from.startsWith('@oauth-ratchet/') && !(allowed ?? []).includes(from))
      .map(({ from }) => `${relative(root, file)} imports ${from}`),
  )
  expect(offending).toEqual([])
})

test('only the door to the protocol library imports it', () => {
  const core = join(root, 'packages', 'core', 'src')
  const importers = sources(core).filter((file) =>
    importsOf(file).some(({ from }) => from === '@node-oauth/oauth2-server'),
  )
  expect(importers.map((file) => relative(core, dirname(file)))).toEqual(['protocol', 'protocol'])
})

test('in the core no file imports anything from a room above it', () => {
  const core = join(root, 'packages', 'core', 'src')
  const roomOf = (file: string): number => {
    const [room = ''] = relative(core, file)
      .replace(/\.[jt]s$/, '')
      .split('/')
    return rooms.indexOf(room)
  }
  const offending = sources(core).flatMap((file) => {
    // A new room, or a new file beside the rooms, finds its place in the list above first.
    expect({ file, room: roomOf(file) }).not.toEqual({ file, room: -1 })
    return importsOf(file)
      .filter(({ from }) => from.startsWith('.') && roomOf(join(dirname(file), from)) < roomOf(file))
      .map(({ from }) => `${relative(core, file)} imports ${from}`)
  })
  expect(offending).toEqual([])
})

test.each([
  ...packages.map((name) => join('packages', name)),
  join('examples', 'browser'),
  join('examples', 'server'),
  join('testing', 'engines'),
])('in %s no files import each other in a circle', (folder) => {
  const importsByFile = new Map(
    sources(join(root, folder, 'src')).map((file) => [
      file,
      importsOf(file)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => join(dirname(file), from).replace(/\.js$/, '.ts')),
    ]),
  )
  expect(circleIn(importsByFile)).toBeUndefined()
})

/** The files of one circle of imports; undefined where there is none. */
function circleIn(importsByFile: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const finished = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (finished.has(file)) return undefined
    for (const imported of importsByFile.get(file) ?? []) {
      const circle = visit(imported, [...path, file])
      if (circle !== undefined) return circle
    }
    finished.add(file)
    return undefined
  }
  for (const file of importsByFile.keys()) {
    const circle = visit(file, [])
    if (circle !== undefined) return circle
  }
  return undefined
}
