import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const core = join(root, 'packages', 'core', 'src')

test('docs/configuration-errors.md lists every code of a ConfigurationError, and no other', () => {
  const source = readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(core, name), 'utf8'))
    .join('\n')
  const thrown = new Set([
    ...[...source.matchAll(/ConfigurationError\(\s*'([^']+)'/g)].map((match) => match[1]),
    ...[...source.matchAll(/\bwrong\(\s*'([^']+)'/g)].map((match) => `clients.${match[1]}`),
    ...[...source.matchAll(/\b(?:number|millis|integer|lifetime)\(\s*'([^']+)'/g)].map(
      (match) => `${match[1]}.range`,
    ),
    ...[...source.matchAll(/\binstant\(\s*'([^']+)'/g)].map((match) => `${match[1]}.invalid`),
  ])
  const page = readFileSync(join(root, 'docs', 'configuration-errors.md'), 'utf8')
  const firstColumn = page.split('\n').filter((line) => /^\| `(?!OAUTH_|…)/.test(line))
  const listed = firstColumn.flatMap((line) =>
    [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  )
  expect(thrown.size).toBeGreaterThan(20)
  expect(new Set(listed)).toEqual(thrown)
})

test('every package has the same face', () => {
  const face = ['README.md', 'package.json', 'src', 'test', 'tsconfig.json', 'tsconfig.cjs.json']
  const missing = readdirSync(join(root, 'packages')).flatMap((name) => {
    const has = readdirSync(join(root, 'packages', name))
    return face.filter((part) => !has.includes(part)).map((part) => `${name}/${part}`)
  })
  expect(missing).toEqual([])
})

test('a relative link in the documentation leads to a file', () => {
  const pages = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md')),
  ]
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !exists(join(root, page, '..', target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

function exists(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR'
  }
}
