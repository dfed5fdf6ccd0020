import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')

/** Runs a program on the built packages. */
function run(...parameters: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

test('an app that has loaded both copies of the core gets the same answers', () => {
  const { stdout, stderr } = run(join(__dirname, 'fixtures', 'mixed-copies.mjs'))

  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({ statuses: [413, 405, 500], failures: ['callback'] })
}, 60_000)

test('Jest runs a test of an app without any configuration, and ends by itself', () => {
  const { status, stderr } = run(
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--config={"testEnvironment":"node"}',
    `--rootDir=${join(__dirname, 'fixtures', 'plain-jest')}`,
    '--detectOpenHandles',
  )

  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('1 passed') })
  expect(stderr).not.toContain('open handle')
}, 60_000)
