import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { startStandIn } from '../src/index.js'
import { RUN_VARIABLE } from '../src/keeper-process.js'
import { notRunLines } from '../src/not-run.js'

const engines = join(__dirname, '..', 'src')

const TESTS = `
import { describeWithMongod } from ${JSON.stringify(join(engines, 'index.ts'))}

it('runs anywhere', () => undefined)

describeWithMongod('a real server', () => {
  beforeAll(() => { process.stderr.write('HOOK RAN ') })
  it('shows a thing', () => { process.stderr.write('TEST RAN ') })
  describe('in a group', () => {
    it.each([1, 2])('shows number %i', () => undefined)
  })
  describe.each([['a', 1], ['b', 2]])('with %s', () => {
    it('shows more', () => undefined)
  })
})

describeWithMongod('servers of our own', () => {
  it('are killed', () => undefined)
}, { own: true })
`

describe('a run of Jest without a real mongod', () => {
  let root: string

  /** A Jest of its own, wired as the project's is, on a machine where nothing can be had. */
  const run = async (env: Record<string, string>, file = 'some.test.ts'): Promise<string> => {
    const inherited = { ...process.env }
    for (const name of [RUN_VARIABLE, 'JEST_WORKER_ID', 'MONGODB_URL', 'MONGOMS_SYSTEM_BINARY'])
      delete inherited[name]
    const jest = join(dirname(require.resolve('jest/package.json')), 'bin', 'jest.js')
    const { stderr } = await promisify(execFile)(
      process.execPath,
      [jest, '--config', join(root, 'jest.config.json'), file],
      {
        cwd: root,
        env: {
          ...inherited,
          PATH: root,
          MONGOMS_RUNTIME_DOWNLOAD: 'false',
          // One that nobody has in the cache of downloads.
          MONGOMS_VERSION: '4.4.99',
          ...env,
        },
      },
    )
    return stderr
  }

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'oauth-ratchet-jest-'))
    const config = {
      rootDir: root,
      testEnvironment: 'node',
      moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
      transform: {
        '^.+\\.[jt]s$': [
          require.resolve('@swc/jest'),
          { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
        ],
      },
      globalSetup: join(engines, 'global-setup.ts'),
      globalTeardown: join(engines, 'global-teardown.ts'),
    }
    writeFileSync(join(root, 'jest.config.json'), JSON.stringify(config))
    writeFileSync(join(root, 'some.test.ts'), TESTS)
    writeFileSync(join(root, 'plain.test.ts'), `it('needs no engine', () => undefined)`)
  })

  afterAll(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('counts what needs one as skipped, runs nothing of it, and names each in its last lines', async () => {
    const output = await run({})
    expect(output).toContain('Tests:       6 skipped, 1 passed, 7 total')
    expect(output).not.toContain('RAN')
    const [, last = ''] = output.split('Ran all test suites matching some.test.ts.')
    expect(last).toMatch(/engines: 6 tests were not run: they need a real mongod: .*no mongod on PATH/)
    expect(last.trim().split('\n').slice(1)).toEqual([
      '  not run: a real server shows a thing',
      '  not run: a real server in a group shows number 1',
      '  not run: a real server in a group shows number 2',
      '  not run: a real server with a shows more',
      '  not run: a real server with b shows more',
      '  not run: servers of our own are killed',
    ])
  })

  it('says in one line which engine it got, and that a stand-in is no MongoDB', async () => {
    const lines = (await run({})).split('\n').filter((line) => line.includes('stand-in'))
    expect(lines).toEqual([
      expect.stringMatching(
        /^engines: no MongoDB to be had \(.+\); a stand-in of our own speaks its protocol, wire version 21$/,
      ),
    ])
  })

  it('starts nothing where no test asks for an engine', async () => {
    const output = await run({}, 'plain.test.ts')
    expect(output).toContain('1 passed, 1 total')
    expect(output).not.toContain('engines:')
  })

  it('runs on the server that MONGODB_URL names all but what starts servers of its own', async () => {
    const named = await startStandIn()
    try {
      const output = await run({ MONGODB_URL: named.url })
      expect(output).toContain('Tests:       1 skipped, 6 passed, 7 total')
      expect(output).toContain('replica set of 1 (MONGODB_URL)')
      expect(output).toContain('HOOK RAN TEST RAN')
      expect(output).toMatch(/1 test was not run: they start mongod processes of their own/)
      expect(output.trimEnd().split('\n').at(-1)).toBe('  not run: servers of our own are killed')
    } finally {
      await named.stop()
    }
  })

  it('fails where MONGOMS_SYSTEM_BINARY is no mongod', async () => {
    await expect(run({ MONGOMS_SYSTEM_BINARY: join(root, 'nothing') })).rejects.toThrow(
      /MONGOMS_SYSTEM_BINARY is .*nothing, which is no mongod that runs here/,
    )
  })
})

describe('the last words of a run', () => {
  it('stand under their reason, once each', () => {
    const entries = [
      { test: 'a', why: 'first' },
      { test: 'b', why: 'second' },
      { test: 'c', why: 'first' },
      { test: 'a', why: 'first' },
    ]
    expect(notRunLines(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))).toEqual([
      '',
      'engines: 2 tests were not run: first',
      '  not run: a',
      '  not run: c',
      '',
      'engines: 1 test was not run: second',
      '  not run: b',
    ])
  })

  it('are none where everything was run', () => {
    expect(notRunLines('')).toEqual([])
  })
})
