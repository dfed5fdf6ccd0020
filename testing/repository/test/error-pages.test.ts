import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8')
const configuration = readFileSync(join(root, 'docs', 'configuration-errors.md'), 'utf8')

// The client's errors are its own, and in its README.
const source = readdirSync(join(root, 'packages'))
  .filter((name) => name !== 'client')
  .flatMap((name) => {
    const folder = join(root, 'packages', name, 'src')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
  })
  .join('\n')
  // A sentence that is too long for one line.
  .replaceAll(/['"`]\s*\+\s*['"`]/g, '')
  .replaceAll('${formType}', 'application/x-www-form-urlencoded')

/** Whether a section has a description, as it is or with `…` for what varies. */
function lists(section: string | undefined, description: string): boolean {
  return [...(section ?? '').matchAll(/^\| `([^`]+)`/gm)].some(([, listed = '']) => {
    const words = listed.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('…', '.+')
    return listed.startsWith(description) || new RegExp(`^${words}$`).test(description)
  })
}

/** The fixed parts of a sentence, without what is filled in. */
const partsOf = (sentence: string) =>
  sentence
    .split(/…|\$\{[^}]*\}/)
    .map((part) => part.replace(/^[.\s]+/, '').trim())
    .filter((part) => part.length > 1)

test('docs/errors.md has a section for every code that is sent to clients, and no other', () => {
  const union = /export type OAuthErrorCode =([\s\S]*?)\n\n/.exec(source)?.[1] ?? ''
  const codes = [...union.matchAll(/\| '(\w+)'/g)].map((match) => match[1])
  const sections = [...page.matchAll(/^## (\w+)$/gm)].map((match) => match[1])
  expect(codes.length).toBeGreaterThan(15)
  expect(sections.toSorted()).toEqual(codes.toSorted())
})

test('docs/errors.md has every description that is sent to clients under its code', () => {
  const sections = new Map(page.split(/^## /m).map((section) => [section.split('\n')[0], section]))
  const thrown = [
    ...source.matchAll(
      /(?:OAuthError|bearerError|BearerError)\(\s*(?:challenge,\s*)?'(\w+)',\s*(?:\d+,\s*)?('[^'\n]+'|"[^"\n]+"|`[^`\n]+`)/g,
    ),
  ].map(([, code = '', description = '']) => ({ code, description: description.slice(1, -1) }))
  expect(thrown.length).toBeGreaterThan(60)
  // Of these nothing but what varies stands in one place: the test below has their parts.
  const described = thrown.filter(({ description }) => !/^\$\{(describeScope|name ===)/.test(description))
  const missing = described.filter(({ code, description }) => !lists(sections.get(code), description))
  expect(missing).toEqual([])
})

test('what docs/errors.md gives as a description is in the source', () => {
  const descriptions = [...page.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '')
  const unknown = descriptions
    .filter((description) => description !== 'error_description')
    .filter((description) => !partsOf(description).every((part) => source.includes(part)))
  expect(descriptions.length).toBeGreaterThan(60)
  expect(unknown).toEqual([])
})

test('docs/configuration-errors.md has every warning of the process, and no other', () => {
  const warnings = new Set(source.match(/OAUTH_RATCHET_[A-Z_]+/g))
  const listed = [...configuration.matchAll(/^\| `(OAUTH_RATCHET_[A-Z_]+)`/gm)].map((match) => match[1])
  expect(warnings.size).toBeGreaterThan(10)
  expect(new Set(listed)).toEqual(warnings)
})

test('docs/configuration-errors.md has every code of routers and guards, and no other', () => {
  const fixed = [...source.matchAll(/misuse\(\s*\w+,\s*'(\w+)'/g)].map((match) => match[1])
  // The codes of these are looked up by the name of the option.
  const byName = [
    ...(/const codes = \{( signIn:[^}]*)\}/.exec(source)?.[1] ?? '').matchAll(/: '(\w+)'/g),
    ...(/const names = \[('scope', 'audience'[^\]]*)\]/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g),
    ...(/const code = name === 'user' \? (.*)$/m.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g),
  ].map((match) => match[1])
  const listed = configuration
    .split('\n')
    .filter((line) => line.startsWith('| `….'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`….(\w+)`/g)].map((match) => match[1]))
  expect(byName.length).toBe(12)
  expect(new Set(listed)).toEqual(new Set([...fixed, ...byName]))
})

test.each([
  ['RevocationReason', '| `reason` of `grant.revoked` |'],
  ['ReuseCause', '| `cause`        |'],
])('docs/events.md has every %s, and no other', (type, head) => {
  const events = readFileSync(join(root, 'docs', 'events.md'), 'utf8')
  const union = new RegExp(`export type ${type} =([^\\n]*\\n?[^\\n]*)`).exec(source)?.[1] ?? ''
  const table = events.slice(events.indexOf(head)).split('\n\n')[0] ?? ''
  const listed = table
    .split('\n')
    .slice(2)
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]))
  expect(listed.length).toBeGreaterThan(4)
  expect(new Set(listed)).toEqual(new Set([...union.matchAll(/'(\w+)'/g)].map((match) => match[1])))
})

test('docs/events.md has every event, and no other', () => {
  const declared = /export interface ServerEvents \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? ''
  const names = [...declared.matchAll(/'(\w+\.\w+)':/g)].map((match) => match[1])
  expect(names.length).toBeGreaterThan(8)
  const events = readFileSync(join(root, 'docs', 'events.md'), 'utf8')
  const listed = [...events.matchAll(/^\| `(\w+\.\w+)`/gm)].map((match) => match[1])
  expect(listed.toSorted()).toEqual(names.toSorted())
})
