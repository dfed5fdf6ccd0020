import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')

/** Pages whose code is compiled by a test of their package, which knows the frameworks that it is written for. */
const compiledElsewhere = [
  'packages/client/README.md',
  'packages/http/README.md',
  'packages/testing/README.md',
  'docs/testing.md',
]

/** Code that is for no compiler of ours, by how it begins, with the reason. */
const notCompiled: readonly [begins: string, reason: string][] = [
  ["sh.enableSharding('app')", 'for the shell of MongoDB'],
]

/** Members of an object that stand alone, by their first name: the type of the object. */
const objects: Readonly<Record<string, string>> = {
  refreshToken: "Partial<import('@oauth-ratchet/core').AuthorizationServerOptions>",
  transform: "import('jest').Config",
  worker: "Partial<import('@oauth-ratchet/storage-contract').StorageHarness>",
}

/** Where each command of the pages is run, or why it is not. */
const commands: Readonly<Record<string, string>> = {
  'npm ci': 'run by CI',
  'npm test': 'run by CI',
  'npm ci && npm start': 'run by CI and examples/server/test/start.test.ts',
  'npm ci && npm test': 'run by CI',
  'CONSUMERS=all BETTER_SQLITE3=11.0.0 npx jest testing/repository/test/consumers.test.ts':
    'run by the public workflow; npm test runs it without the two variables',
  'npm run docs': 'run by testing/repository/test/website.test.ts',
  'npm run bench': 'run by testing/repository/test/benchmark.test.ts, shortened',
  'npm run storm': 'not run: it takes 10 to 15 minutes. testing/browser/test has its parts',
  'openssl rand -base64 48': 'not run: of another program',
  'sqlite3 data/oauth.sqlite "VACUUM INTO \'backup.sqlite\'"':
    'not run: the statement is, by packages/sqlite/test',
}

/** Beginnings of commands, for those with much that varies. */
const kinds: readonly [begins: string, where: string][] = [
  ['npm install ', 'not run: needs the packages on a registry. The packed ones are installed by tests'],
  ['npm ci && npm run build && npm pack ', 'run by tests that install the packed packages'],
  [
    'curl ',
    'run by a test where it stands under a name; otherwise the same request is made by a test of its endpoint',
  ],
  ['npx oauth-ratchet ', 'run by packages/cli/test, with other arguments'],
  ['NEXT="$(npx oauth-ratchet ', 'the same, and by examples/server/test/operations.test.ts'],
  ['export ', 'not run: a word of the shell'],
  ['redis-cli ', 'not run: of another program, which the tests do not need'],
  ['token=$(curl ', 'as curl'],
  ['while :; do; answer=$(curl ', 'as curl'],
  ['cursor=', 'not run: a word of the shell'],
]

interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly code: string
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
]

/** All blocks but those under `<!-- test: name -->` or `<!-- file: name -->`, which other tests run. */
const blocks = pages.flatMap((page): Block[] => {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/(<!-- (?:test|file): [^>]*-->\s*\n)?^ *```(\w+)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, tested]) => tested === undefined)
    .map(({ 2: language = '', 3: code = '', index }) => ({
      page,
      line: text.slice(0, index).split('\n').length,
      language,
      code,
    }))
})

test('every block of code on the pages compiles, with the names that an app has', () => {
  const code = blocks
    .filter(({ page, language }) => /^[jt]sx?$/.test(language) && !compiledElsewhere.includes(page))
    .filter((block) => !notCompiled.some(([begins]) => block.code.startsWith(begins)))
  expect(code.length).toBeGreaterThan(30)
  // Inside the repository, so that packages are found; outside of what other tests look at.
  const parent = join(root, 'testing', 'repository', 'dist')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'blocks-'))
  try {
    const problems = (['ts', 'js'] as const).flatMap((language) =>
      compile(
        join(folder, language),
        code.filter((block) => block.language.startsWith(language)),
        language === 'ts',
      ),
    )
    expect(problems).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 180_000)

/** @returns what the compiler says, with the pages' own lines */
function compile(folder: string, code: readonly Block[], strict: boolean): string[] {
  mkdirSync(join(folder, 'blocks'), { recursive: true })
  code.forEach((block, index) => writeFileSync(join(folder, 'blocks', `block-${index}.ts`), moduleOf(block)))
  copyFileSync(join(__dirname, 'fixtures', 'documented-code', 'names.d.ts.txt'), join(folder, 'names.d.ts'))
  const stub = `import { MemoryStorage } from '@oauth-ratchet/core'
export declare class MyStorage extends MemoryStorage { constructor(options: object) }\n`
  for (const built of ['src', 'dist']) {
    mkdirSync(join(folder, built))
    writeFileSync(join(folder, built, 'index.ts'), stub)
  }
  writeFileSync(
    join(folder, 'src', 'app.ts'),
    `import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'
export declare const options: AuthorizationServerOptions
export declare function createApp(server: AuthorizationServer): import('express').Express\n`,
  )
  // On the built packages, as a reader's compiler has them.
  const compilerOptions = {
    composite: false,
    declaration: false,
    noEmit: true,
    module: 'esnext',
    lib: ['es2023', 'dom', 'dom.iterable'],
    moduleDetection: 'force',
    types: ['node', 'jest'],
    noUnusedLocals: false,
    noUnusedParameters: false,
    // JavaScript has no types on its parameters, and reads what it has not declared.
    ...(!strict && { noImplicitAny: false, noUncheckedIndexedAccess: false, noImplicitReturns: false }),
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['.'] }),
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line.replace(/^.*block-(\d+)\.ts\((\d+),\d+\)/, (_, index: string, at: string) => {
        const block = code[Number(index)]
        return `${block?.page}:${(block?.line ?? 0) + Number(at)}`
      }),
    )
}

function moduleOf({ code }: Block): string {
  const [, first = ''] = /^(\w+):/.exec(code) ?? []
  const type = objects[first]
  return type === undefined
    ? code
    : `export const members: ${type} = {\n${code.replace(/\s*(\/\/.*)?\n$/, '')}\n}\n`
}

test('every command on the pages is run by a test, or named as one that cannot be', () => {
  const given = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ page, code }) =>
      code
        .replaceAll(/\\\n\s*/g, '')
        // What a command reads, and the lines of a loop, are no commands by themselves.
        .replaceAll(/(<<'(\w+)'.*)\n[\s\S]*?\n\s*\2$/gm, '$1')
        .replaceAll(/^\s*while [\s\S]*?\n\s*done$/gm, (loop) => loop.replaceAll(/\n\s*/g, '; '))
        .split('\n')
        .map((line) => line.replace(/\s+#.*$/, '').trim())
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((command) => ({ page, command })),
    )
  const unknown = given.filter(
    ({ command }) => commands[command] === undefined && !kinds.some(([begins]) => command.startsWith(begins)),
  )
  expect(given.length).toBeGreaterThan(15)
  expect(unknown).toEqual([])
})
