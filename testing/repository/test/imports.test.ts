import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(__dirname, '..', '..', '..')

/** What each package may import of ours: one way down. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  express: ['core'],
  sqlite: ['core'],
  redis: ['core'],
  mongoose: ['core'],
  'storage-contract': ['core'],
}

/** The floors of the core from the top down: a file imports from its own floor or from below. */
const floors = [
  ['authorization-server', 'index'],
  ['tokens', 'endpoints'],
  ['protocol'],
  ['grant-types', 'revocation', 'server-parts'],
  ['grants', 'grant-issuer', 'mass-revocation'],
  [
    'access-tokens',
    'clients',
    'outages',
    'sign-in',
    'token-response',
    'throttle',
    'grant',
    'settings',
    'option-names',
  ],
  ['ratchet'],
  ['events', 'http', 'options', 'storage', 'timeout', 'seconds', 'errors'],
]

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

function importsOf(file: string): { readonly from: string; readonly typeOnly: boolean }[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(import|export)( type)?[^'"`;]*? from '([^']+)'/gms)].map((match) => ({
    from: match[3] ?? '',
    typeOnly: match[2] !== undefined,
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

test('in the core no file imports a value from a floor above it', () => {
  const core = join(root, 'packages', 'core', 'src')
  const floorOf = (file: string): number => {
    const place = relative(core, file).replace(/\.[jt]s$/, '')
    return floors.findIndex((floor) => floor.some((name) => place === name || place.startsWith(`${name}/`)))
  }
  const offending = sources(core).flatMap((file) => {
    expect({ file, floor: floorOf(file) }).not.toEqual({ file, floor: -1 })
    return importsOf(file)
      .filter(({ from, typeOnly }) => from.startsWith('.') && !typeOnly)
      .filter(({ from }) => floorOf(join(dirname(file), from)) < floorOf(file))
      .map(({ from }) => `${relative(core, file)} imports ${from}`)
  })
  expect(offending).toEqual([])
})
