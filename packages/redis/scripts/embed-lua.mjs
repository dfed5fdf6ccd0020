// Writes src/scripts.ts from src/scripts/*.lua: a text in a module is there in both builds, wherever they are bundled.
// With --check it writes nothing and fails when the module is not what the scripts are.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../src/scripts/', import.meta.url)
const target = fileURLToPath(new URL('../src/scripts.ts', import.meta.url))
const INCLUDE = /^-- @include (\S+)\.lua$/gm

const sources = new Map(
  readdirSync(folder)
    .toSorted()
    .map((file) => [file.replace(/\.lua$/, ''), readFileSync(new URL(file, folder), 'utf8')]),
)
const included = new Set([...sources.values()].flatMap((source) => includesOf(source)))

function includesOf(source) {
  return [...source.matchAll(INCLUDE)].map(([, name]) => name)
}

function constantOf(name) {
  return name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase())
}

/** The code without what is there for readers: a server that has lost its scripts is sent all of it. */
function literalOf(name, source) {
  if (/[`\\]|\$\{/.test(source))
    throw new Error(`${name}.lua has a character that a template string takes otherwise`)
  const lines = source.split('\n').filter((line) => !/^\s*(--.*)?$/.test(line))
  const parts = includesOf(source).map((part) => `\${${constantOf(part)}}`)
  return `\`\n${[...parts, ...lines].join('\n')}\n\``
}

function declarationOf(name, source) {
  const literal = literalOf(name, source)
  return included.has(name)
    ? `const ${constantOf(name)} = ${literal}`
    : `export const ${constantOf(name)} = defineScript(${literal})`
}

// What is included stands before what includes it.
const ordered = [...sources].toSorted(
  ([one], [other]) => Number(included.has(other)) - Number(included.has(one)),
)
const module = `// Written by scripts/embed-lua.mjs from scripts/*.lua: change those, and run it again.
import { defineScript } from './define-script.js'

${ordered.map(([name, source]) => declarationOf(name, source)).join('\n\n')}
`

if (!process.argv.includes('--check')) writeFileSync(target, module)
else if (readFileSync(target, 'utf8') !== module) {
  process.stderr.write('src/scripts.ts is not what the Lua files are: run `node scripts/embed-lua.mjs`\n')
  process.exitCode = 1
}
