import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const page = readFileSync(join(root, 'docs', 'testing.md'), 'utf8')
const files = new Map(
  [...page.matchAll(/<!-- file: (\S+) -->\s+```[jt]s\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
)

// Inside the repository, so that the built packages are found; in dist, which is nobody's source.
const dist = join(__dirname, '..', 'dist')
mkdirSync(dist, { recursive: true })
const folder = mkdtempSync(join(dist, 'samples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a sample beside the app of the page, as a program of its own, which ends only when nothing is left open. */
async function run(
  sample: string,
  type: 'module' | 'commonjs',
  parameters: (at: string) => readonly string[],
) {
  const at = join(folder, sample)
  mkdirSync(at)
  for (const name of ['app.js', sample]) writeFileSync(join(at, name), files.get(name) ?? '')
  writeFileSync(join(at, 'package.json'), JSON.stringify({ type }))
  // Without what Jest has set for this test: NODE_ENV, JEST_WORKER_ID.
  const child = spawn(process.execPath, parameters(at), { cwd: at, env: { PATH: process.env['PATH'] } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const status = await new Promise((resolve) => child.once('close', resolve))
  return { status, output }
}

const bin = (path: string): string => join(root, 'node_modules', path)

test.each([
  [
    'session.jest.test.js',
    'commonjs',
    2,
    (at: string) => [
      bin('jest/bin/jest.js'),
      `--rootDir=${at}`,
      `--config=${JSON.stringify({ testEnvironment: 'node', transform: { '\\.[jt]s$': bin('@swc/jest') } })}`,
    ],
  ],
  ['session.vitest.test.js', 'module', 1, (at: string) => [bin('vitest/vitest.mjs'), 'run', '--root', at]],
  ['session.node.test.js', 'module', 1, (at: string) => ['--test', join(at, 'session.node.test.js')]],
] as const)(
  'the sample %s of docs/testing.md passes, and its runner ends by itself',
  async (sample, type, count, parameters) => {
    const { status, output } = await run(sample, type, parameters)
    expect({ status, output }).toMatchObject({ status: 0 })
    // eslint-disable-next-line no-control-regex
    expect(output.replaceAll(/\u001B\[\d+m/g, '')).toMatch(new RegExp(`${count} passed|pass ${count}`))
    expect(output).not.toMatch(/did not exit|hanging/i)
  },
  120_000,
)

test('the declaration of the matchers is the one that these tests are compiled with', () => {
  expect(files.get('matchers.d.ts')).toBe(readFileSync(join(__dirname, 'matchers.d.ts'), 'utf8'))
})
