// The public API of every package, out of the declarations that were built: what an entry point exports, and every
// declaration that those lean on, without comments, sorted. `npm run api` writes testing/repository/api/, which a test
// compares: whoever changes what users see changes a file there. By hand, since TypeScript 7 has no compiler API and the
// declarations that it writes are regular: each statement starts in the first column.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const snapshots = join(root, 'testing', 'repository', 'api')

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** Text without its comments; strings keep what looks like one. */
function withoutComments(text) {
  const kept = text.replaceAll(
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\*[^]*?\*\/|\/\/[^\n]*/g,
    (match) => (match.startsWith('/') ? '' : match),
  )
  return kept.replaceAll(/[ \t]+$/gm, '').replaceAll(/\n{2,}/g, '\n')
}

/** The statements of a declaration file: a line that starts in the first column begins one, unless it ends one. */
function statementsOf(file) {
  const statements = []
  for (const line of withoutComments(readFileSync(file, 'utf8')).split('\n')) {
    if (line === '') continue
    if (/^[A-Za-z]/.test(line)) statements.push(line)
    else statements[statements.length - 1] += `\n${line}`
  }
  return statements
}

/** `A, type B as C` as pairs of what it is there and what it is here. */
function namesOf(list) {
  return list
    .split(',')
    .map((each) => each.trim().replace(/^type /, ''))
    .filter((each) => each !== '')
    .map((each) => each.split(/\s+as\s+/))
    .map(([there, here = there]) => ({ there, here }))
}

const modules = new Map()

/** What a declaration file declares, imports and exports. */
function moduleOf(file) {
  if (modules.has(file)) return modules.get(file)
  const module = { file, declared: new Map(), names: new Map(), all: [], globals: [] }
  modules.set(file, module)
  for (const statement of statementsOf(file)) {
    const link =
      /^(import|export)\s+(?:type\s+)?(?:\{([^}]*)\}|(\*)(?:\s+as\s+(\w+))?|(\w+)(?:,\s*\{([^}]*)\})?)(?:\s+from\s+['"]([^'"]+)['"])?;/.exec(
        statement,
      )
    if (link) {
      const [, kind, list, star, namespace, byDefault, others, from] = link
      if (star && kind === 'export' && !namespace) module.all.push(from)
      if (star && namespace) module.names.set(namespace, { from, there: '*' })
      if (byDefault) module.names.set(byDefault, { from, there: 'default' })
      for (const { there, here } of namesOf(list ?? others ?? '')) {
        if (from === undefined && there === here) continue
        module.names.set(here, { from, there })
      }
      continue
    }
    const declared =
      /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:const enum|const|let|function|class|interface|type|enum|namespace)\s+(\w+)/.exec(
        statement,
      )
    if (declared) {
      const name = declared[1]
      module.declared.set(name, [...(module.declared.get(name) ?? []), statement.replace(/^export\s+/, '')])
    } else if (statement.startsWith('declare global')) module.globals.push(statement)
    else if (!/^import ['"]/.test(statement))
      throw new Error(`${file}: cannot read: ${statement.slice(0, 80)}`)
  }
  return module
}

const fileOf = (module, from) => join(dirname(module.file), from.replace(/\.js$/, '.d.ts'))

/** Where a name is declared: a module of the package and the name there, or the other package it is of. */
function find(module, name) {
  if (module.declared.has(name)) return { module, name }
  const link = module.names.get(name)
  if (link) {
    if (link.from === undefined) return find(module, link.there)
    if (!link.from.startsWith('.')) return { from: link.from, name: link.there }
    return find(moduleOf(fileOf(module, link.from)), link.there)
  }
  for (const from of module.all) {
    const found = from.startsWith('.') ? find(moduleOf(fileOf(module, from)), name) : undefined
    if (found) return found
  }
  return undefined
}

/** Every name that a module exports; of one that declares, what its own statements say. */
function exportsOf(module) {
  const text = readFileSync(module.file, 'utf8')
  const own = [...module.declared.keys()].filter((name) =>
    new RegExp(`^export (?:declare )?(?:abstract )?(?:\\w+ )+${name}\\b`, 'm').test(text),
  )
  const passedOn = [...withoutComments(text).matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}/gm)].flatMap(
    ([, list]) => namesOf(list).map(({ here }) => here),
  )
  const all = module.all.flatMap((from) => exportsOf(moduleOf(fileOf(module, from))))
  return [...new Set([...own, ...passedOn, ...all])].toSorted(byText)
}

/** The public API of one package as text. */
export function publicApiOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const lines = []
  const wanted = new Map()
  const want = ({ module, name: declared, from }) => {
    const key = `${module?.file ?? from} ${declared}`
    if (wanted.has(key)) return
    wanted.set(key, module ? module.declared.get(declared).join('\n') : '')
    if (!module) return
    for (const word of new Set(wanted.get(key).match(/[A-Za-z_$][\w$]*/g))) {
      const found = word === declared ? undefined : find(module, word)
      if (found) want(found)
    }
  }
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue
    const entry = moduleOf(join(folder, target.import.types))
    lines.push(`// ${path === '.' ? name : `${name}${path.slice(1)}`}`)
    for (const exported of exportsOf(entry)) {
      const found = find(entry, exported)
      if (!found) throw new Error(`${entry.file}: ${exported} is declared nowhere`)
      const as = found.name === exported ? exported : `${found.name} as ${exported}`
      lines.push(`export { ${as} }${found.from ? ` from '${found.from}'` : ''}`)
      want(found)
    }
    lines.push(...entry.globals, '')
  }
  const declarations = [...wanted.values()].filter((text) => text !== '')
  return [...lines, ...[...new Set(declarations)].toSorted(byText), ''].join('\n')
}

/** The public API of every package, by the name of its snapshot. */
export function publicApis() {
  return Object.fromEntries(
    readdirSync(join(root, 'packages')).map((name) => [
      `${name}.d.ts`,
      publicApiOf(join(root, 'packages', name)),
    ]),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const apis = publicApis()
  if (process.argv[2] === '--print') process.stdout.write(JSON.stringify(apis))
  else {
    rmSync(snapshots, { recursive: true, force: true })
    mkdirSync(snapshots, { recursive: true })
    for (const [name, text] of Object.entries(apis)) writeFileSync(join(snapshots, name), text)
  }
}
