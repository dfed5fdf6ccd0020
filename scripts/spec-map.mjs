// Writes docs/spec-map.md: the clauses of the specifications, where each is in the source, and which test proves it.
// The rows are in testing/repository/spec-map, a file for each document.
//
//   node scripts/spec-map.mjs                     writes the page
//   node scripts/spec-map.mjs --check             writes nothing; says what is wrong with rows and page, and exits with 1
//   node scripts/spec-map.mjs --rows <folder> …   other rows, for the test of this
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const page = join(root, 'docs', 'spec-map.md')

/** What a row can be, and what it must then have. */
const statuses = {
  offered: { source: true, tests: true, why: false, says: 'built, and proved by the test' },
  differs: {
    source: true,
    tests: true,
    why: true,
    says: 'built otherwise than the clause has it, for the reason given',
  },
  operator: { source: false, tests: false, why: true, says: 'left to who runs the server, or to the app' },
  'not offered': { source: false, tests: false, why: true, says: 'not built' },
}
const levels = ['MUST', 'SHOULD', 'MAY']

function readDocuments(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .toSorted((one, other) => orderOf(one.document) - orderOf(other.document))
}

// Drafts come last.
function orderOf(document) {
  return Number(/^RFC (\d+)$/.exec(document)?.[1] ?? Infinity)
}

/** Everything that is wrong with the rows, each with the row that it is in. */
function faultsOf(documents) {
  return documents.flatMap(({ document, rows }) =>
    rows.flatMap((row) =>
      faultsOfRow(row).map((fault) => `${document} §${row.clause} “${row.text}”: ${fault}`),
    ),
  )
}

function faultsOfRow({ level, status, text, source = [], tests = [], why }) {
  const needs = statuses[status]
  if (needs === undefined) return [`the status ${status} is none of ${Object.keys(statuses).join(', ')}`]
  return [
    ...(levels.includes(level) ? [] : [`the level ${level} is none of ${levels.join(', ')}`]),
    ...(text ? [] : ['it has no text']),
    ...(needs.source && source.length === 0 ? [`${status}, and no source is named`] : []),
    ...(needs.tests && tests.length === 0 ? [`${status}, and no test is named`] : []),
    ...(needs.why && !why ? [`${status}, and no reason is given`] : []),
    ...source.flatMap(faultOfSource),
    ...tests.flatMap(faultOfTest),
  ]
}

function faultOfSource(source) {
  const [file = '', symbol] = source.split('#')
  const content = contentOf(file)
  if (content === undefined) return [`the source file ${file} does not exist`]
  if (symbol === undefined || declarationOf(symbol).test(content)) return []
  return [`${file} declares no ${symbol}`]
}

function declarationOf(symbol) {
  return new RegExp(`^export (?:async )?(?:function|class|const|interface|type) ${symbol}\\b`, 'm')
}

function faultOfTest({ file, name, case: row }) {
  const content = contentOf(file)
  if (content === undefined) return [`the test file ${file} does not exist`]
  if (!titlesOf(file, content).has(name)) return [`${file} has no test “${name}”`]
  return row === undefined || content.includes(row) ? [] : [`${file} has no case “${row}”`]
}

const contents = new Map()

function contentOf(file) {
  const path = join(root, file)
  if (!contents.has(file)) contents.set(file, existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  return contents.get(file)
}

const titles = new Map()

/** The names of the tests of a file, those of `test.each` with their placeholders. Not of what is skipped. */
function titlesOf(file, content) {
  const known = titles.get(file)
  if (known !== undefined) return known
  const calls =
    /^ *(?:test|it)(?:\.each\((?:[^]*?)\n? *\))?\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`)/gm
  const found = new Set(
    [...content.matchAll(calls)].map(([, quoted]) => quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1')),
  )
  titles.set(file, found)
  return found
}

function count(rows, status) {
  return rows.filter((row) => row.status === status).length
}

function render(documents) {
  const names = Object.keys(statuses)
  const all = documents.flatMap(({ rows }) => rows)
  const sums = [...documents.map((one) => [linkTo(one), one.rows]), ['all', all]]
  return (
    [
      '<!-- Written by `npm run spec-map` from testing/repository/spec-map. Do not edit. -->',
      '# Specifications, clause by clause',
      'What these documents ask of an authorization server and of its resource servers, where it is in the source, and which test ' +
        'proves it. What they ask of clients is not here. The clauses are in our words; the documents have the last one.',
      table(
        ['status', 'means'],
        Object.entries(statuses).map(([name, { says }]) => [name, says]),
      ),
      table(
        ['document', ...names],
        sums.map(([name, rows]) => [name, ...names.map((status) => count(rows, status))]),
      ),
      ...documents.flatMap((one) => [
        `## ${one.document}`,
        `[${one.title}](${one.url})`,
        table(
          ['clause', 'level', 'what it asks', 'where', 'proved by'],
          one.rows.map((row) => cellsOf(one, row)),
        ),
      ]),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  )
}

function linkTo({ document }) {
  return `[${document}](#${document.toLowerCase().replaceAll(' ', '-')})`
}

function cellsOf({ url }, { clause, level, status, text, why, source = [], tests = [] }) {
  const anchor = /^[A-Z]$/.test(clause) ? `appendix-${clause}` : `section-${clause}`
  const where = source.map((one) => {
    const [file = '', symbol] = one.split('#')
    return `[${symbol ?? file.split('/').at(-1)}](../${file})`
  })
  const proofs = tests.map(({ file, name, case: row }) => {
    const shown = row === undefined ? name : name.includes('%') ? row : `${name}: ${row}`
    return `[${escaped(shown)}](../${file})`
  })
  const reason = why === undefined ? [] : [`**${status}**: ${why}`]
  return [
    `[${clause}](${url}#${anchor})`,
    level,
    [escaped(text), ...reason].join('<br>'),
    where.join('<br>'),
    proofs.join('<br>'),
  ]
}

function escaped(text) {
  return text.replaceAll(/[\\|<>[\]{}*_`]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const [rowsOption, folder = join(root, 'testing', 'repository', 'spec-map')] = process.argv
  .slice(2)
  .filter((word) => word !== '--check')
if (rowsOption !== undefined && rowsOption !== '--rows') throw new Error(`Not understood: ${rowsOption}`)
const documents = readDocuments(folder)
const faults = faultsOf(documents)
const text = render(documents)
if (!process.argv.includes('--check')) {
  if (faults.length === 0) writeFileSync(page, text)
} else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  faults.push('docs/spec-map.md is stale: run npm run spec-map')
}
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
