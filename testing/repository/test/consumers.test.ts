import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'

const root = join(__dirname, '..', '..', '..')

/** A Jest of its own takes its time where others keep the processors busy. */
const TIMEOUT_MS = 180_000

/** Runs a program on the built packages. */
function run(parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  return { status, stdout, stderr }
}

/** Runs the tests of a fixture as `npx jest` does in a project that has no configuration. */
function runPlainJest(fixture: string, env: Readonly<Record<string, string>> = {}) {
  return run(
    [
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      '--config={"testEnvironment":"node"}',
      `--rootDir=${join(__dirname, 'fixtures', fixture)}`,
      '--detectOpenHandles',
    ],
    env,
  )
}

test(
  'an app that has loaded both copies of the core gets the same answers',
  () => {
    const { stdout, stderr } = run([join(__dirname, 'fixtures', 'mixed-copies.mjs')])

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
