import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ENGINE_TIMEOUT_MS, sharedMongo, sharedRedis } from '@oauth-ratchet/engines'

import { installConsumers } from './install-consumers.js'

const root = join(__dirname, '..', '..', '..')

/** npm, a compiler or a test runner takes its time where others keep the processors busy. */
const TIMEOUT_MS = 300_000

/** Compilers in the middle, and both ends with the oldest of everything: where `CONSUMERS=all`, as in public CI. */
const everything = process.env['CONSUMERS'] === 'all'

let folder: string
let names: readonly string[]

beforeAll(() => {
  ;({ folder, names } = installConsumers(process.env['BETTER_SQLITE3']))
}, ENGINE_TIMEOUT_MS)

/** Runs a program of the project that has the packages installed. */
function run(parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
  // Without what Jest sets for its own tests: the project is nobody's child.
  const { NODE_OPTIONS: _options, NODE_ENV: _env, JEST_WORKER_ID: _id, ...inherited } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
    cwd: folder,
    env: { ...inherited, ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  return { status, stdout, stderr }
}

/** Runs the tests of a folder as `npx jest` does in a project that has no configuration. */
function runPlainJest(tests: string, env: Readonly<Record<string, string>> = {}) {
  return run(
    [
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      '--config={"testEnvironment":"node"}',
      `--rootDir=${join(folder, tests)}`,
      '--detectOpenHandles',
    ],
    env,
  )
}

test('every package is installed from its tarball', () => {
  const installed = names.map((name) => join(folder, 'node_modules', name))

  expect(names).toHaveLength(12)
  expect(installed.filter((path) => lstatSync(path).isSymbolicLink())).toEqual([])
  expect(readFileSync(join(folder, 'node_modules/@oauth-ratchet/core/dist/esm/index.js'), 'utf8')).toBe(
    readFileSync(join(root, 'packages/core/dist/esm/index.js'), 'utf8'),
  )
})

const compilers = [
  { typescript: '5.4', peers: 'newest', always: true },
  { typescript: '5.9', peers: 'newest', always: false },
  { typescript: '6', peers: 'newest', always: false },
  { typescript: '7', peers: 'newest', always: true },
  { typescript: '5.4', peers: 'oldest', always: false },
  { typescript: '7', peers: 'oldest', always: false },
] as const

test.each(compilers.filter(({ always }) => always || everything))(
  'TypeScript $typescript, ESM and CommonJS, strict down to the declarations, beside the $peers of everything',
  ({ typescript, peers }) => {
    // The newest is the workspace's own.
    const compiler =
      typescript === '7' ? join(root, 'node_modules', 'typescript') : `node_modules/typescript${typescript}`
    const project = peers === 'newest' ? 'tsconfig.json' : 'tsconfig.oldest.json'
    const { status, stdout, stderr } = run([
      join(compiler, 'bin', 'tsc'),
      '--project',
      project,
      '--pretty',
      'false',
    ])
    // @types/node has an error of its own under TypeScript 6 and 7; what others declare is not ours to check.
    const errors = stdout.split('\n').filter((line) => /^\S.*error TS/.test(line))

    expect({ stderr, understood: status === 0 || errors.length > 0 }).toEqual({
      stderr: '',
      understood: true,
    })
    expect(errors.filter((line) => !/^node_modules\/(?!@?oauth-ratchet\/)/.test(line))).toEqual([])
    expect(existsSync(join(folder, 'compiled', 'everything.cjs'))).toBe(true)
  },
  TIMEOUT_MS,
)

test.each(['mjs', 'cjs'])(
  'what TypeScript made of an app that uses every package runs (%s)',
  (extension) => {
    const { stdout, stderr } = run([join('compiled', `everything.${extension}`)])

    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      notes: [200, { subject: 'alice', scope: ['notes:read'] }, 401],
      handler: 'function',
      storages: 4,
      cases: true,
      wellKnown: 'function',
      session: 'function',
      copy: 'function',
      adoption: 'function',
      clock: 'function',
      error: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
  },
  TIMEOUT_MS,
)

test(
  "Node's test runner runs a refresh with both ends of every peer range",
  async () => {
    const [redis, mongo] = await Promise.all([sharedRedis(), sharedMongo()])
    const { status, stdout } = run(['--test', 'both-ends.test.mjs'], {
      REDIS: redis.url,
      MONGODB: mongo.url,
      OF_THE_RUN: `consumers_${randomBytes(6).toString('hex')}`,
    })

    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^. pass 7$/m) })
  },
  ENGINE_TIMEOUT_MS,
)

test(
  'Vitest runs a test of an app in TypeScript, and ends by itself',
  () => {
    const { status, stdout, stderr } = run([
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config',
      'vitest.config.mjs',
      '--no-color',
    ])

    expect({ status, stdout, stderr }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/Tests +1 passed/),
    })
  },
  TIMEOUT_MS,
)

test(
  'the command line runs from its tarball',
  () => {
    const { status, stdout } = run([
      join('node_modules', 'oauth-ratchet', 'dist', 'esm', 'main.js'),
      '--help',
    ])
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('doctor') })
  },
  TIMEOUT_MS,
)

test(
  'an app that has loaded both copies of the core gets the same answers',
  () => {
    const { stdout, stderr } = run(['mixed-copies.mjs'])

    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ statuses: [413, 405, 500], failures: ['callback'] })
  },
  TIMEOUT_MS,
)

test(
  'Jest runs a test of an app without any configuration, and ends by itself',
  () => {
    const { status, stderr } = runPlainJest('plain-jest')

    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('1 passed') })
    expect(stderr).not.toContain('open handle')
  },
  TIMEOUT_MS,
)

test(
  'Jest runs a test of an app against its MongoDB with one line for the driver, and ends by itself',
  async () => {
    const { url } = await sharedMongo()
    const { status, stderr } = runPlainJest('plain-jest-mongodb', {
      MONGODB_OF_THE_TESTS: url,
      DATABASE_OF_THE_TEST: `consumers_${randomBytes(6).toString('hex')}`,
    })

    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('2 passed') })
    expect(stderr).not.toContain('open handle')
  },
  ENGINE_TIMEOUT_MS,
)
