import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { ENGINE_TIMEOUT_MS, startRedisServer } from '@oauth-ratchet/engines'

const root = join(__dirname, '..', '..', '..')
const out = mkdtempSync(join(tmpdir(), 'oauth-ratchet-benchmark-test-'))
const TIMEOUT_MS = 180_000

beforeAll(async () => {
  // The benchmark starts its own; where there was no redis-server, there is one after this.
  await (await startRedisServer()).stop()
}, ENGINE_TIMEOUT_MS)

afterAll(() => rmSync(out, { recursive: true, force: true }))

/** A run as small as it can be: no figure of it means anything. */
function runBenchmark(env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'benchmarks', 'src', 'main.mjs')],
    {
      env: {
        ...process.env,
        PEERS: '0',
        ROUNDS: '1',
        ROUND_MS: '50',
        CONNECTIONS: '2',
        WARM_UP: '20',
        OPERATIONS: '20',
        OUT: out,
        ...env,
      },
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    },
  )
  return { status, stdout, stderr }
}

function rowOf(page: string, subject: string): string[] {
  const line = page.split('\n').find((each) => each.startsWith(`| ${subject} |`)) ?? ''
  return line.split('|').map((cell) => cell.trim())
}

test.each([
  [
    'PARTS',
    'load,foo',
    'PARTS has foo in it. Parts: load, operations, sessions, storage, safety, growth, heap.',
  ],
  ['ROUNDS', '0', 'ROUNDS has 0 in it: it takes whole numbers from 1.'],
  ['CONNECTIONS', '16,1.5', 'CONNECTIONS has 1.5 in it: it takes whole numbers from 1.'],
  ['SESSIONS', '5000,1000', 'SESSIONS is 5000,1000: each must be more than the one before.'],
  ['GENERATOR', 'rust', 'GENERATOR is rust: it is c or node.'],
])('%s=%s is refused in a line, before anything is measured', (name, value, message) => {
  // main.mjs loads its options before it starts anything; alone they take a tenth of the time.
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'benchmarks', 'src', 'options.mjs')],
    { env: { ...process.env, [name]: value }, encoding: 'utf8' },
  )

  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `bench: ${message}\n` })
})

test('of an even number of rounds the median is between the two in the middle, not the better of them', () => {
  const median = pathToFileURL(join(root, 'benchmarks', 'src', 'measure', 'median.mjs')).href
  const program = `import { median } from '${median}'; console.log(median([4, 1]), median([3, 1, 2]))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })

  expect(stdout).toBe('2.5 2\n')
})

test(
  'the benchmark counts one command per refresh, records that do not grow, and one 200 of 50 uses of one token',
  () => {
    const { status, stdout, stderr } = runBenchmark({
      PARTS: 'storage,safety',
      SUBJECTS: 'ratchet, opaque',
      STORAGE_REFRESHES: '1,20',
    })

    expect({ status, stderr }).toMatchObject({ status: 0 })
    const [, , commands, after1, after20, granted, live, survived] = rowOf(stdout, 'ratchet, opaque')
    expect({ commands, granted, live, survived }).toEqual({
      commands: '1: evalsha',
      granted: '1',
      live: '0',
      survived: '0 of 10',
    })
    expect(after20).toBe(after1)
    for (const forgiven of ['`reuse_grace: 10`', '`Idempotency-Key`']) {
      const [, , , , , answered, successors, replayed] = rowOf(stdout, `ratchet, opaque, ${forgiven}`)
      expect({ answered, successors, replayed }).toEqual({
        answered: '50',
        successors: '1',
        replayed: '0 of 10',
      })
    }
  },
  TIMEOUT_MS,
)

test(
  'the benchmark measures load and growth, and draws its picture, with the load generator in Node too',
  () => {
    const { status, stdout, stderr } = runBenchmark({
      PARTS: 'load,growth',
      SUBJECTS: 'ES256;in memory',
      SESSIONS: '70',
      GENERATOR: 'node',
    })

    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stdout).toContain('Load: Node')
    expect(rowOf(stdout, 'bare Express')).toEqual(['', 'bare Express', '1.00', ''])
    expect(rowOf(stdout, 'ratchet, ES256 and Basic')[2]).toMatch(/^\d+\.\d\d$/)
    expect(readFileSync(join(out, 'tables.md'), 'utf8')).toBe(stdout)
    expect(readFileSync(join(out, 'processor-time.svg'), 'utf8')).toContain('ratchet, ES256 and Basic')
  },
  TIMEOUT_MS,
)

test(
  'the benchmark measures other operations beside bare routes, counts their commands, and reports heap and allocated bytes',
  () => {
    const { status, stdout, stderr } = runBenchmark({
      PARTS: 'operations,heap',
      SUBJECTS: 'ratchet, opaque;`requireToken`;revocation;code exchange',
      HEAP_REFRESHES: '100',
      GENERATOR: 'node',
    })

    expect({ status, stderr }).toMatchObject({ status: 0 })
    const commandsOf = (subject: string) => rowOf(stdout, subject)[3]
    expect(commandsOf('bare Express, GET, one read')).toBe('1: hgetall')
    expect(commandsOf('`requireToken`, opaque')).toBe('1: getex')
    expect(commandsOf('`requireToken`, JWT, `checkGrant: false`')).toBe('0')
    for (const spending of ['revocation of a refresh token', 'code exchange with PKCE'])
      expect(rowOf(stdout, spending)[2]).toMatch(/^\d+\.\d\d$/)
    const heap = stdout.slice(stdout.indexOf('### Heap'))
    const [, , before, after, allocated] = rowOf(heap, 'ratchet, opaque')
    expect(before).toMatch(/^\d+\.\d$/)
    expect(after).toMatch(/^\d+\.\d$/)
    expect(Number(allocated?.replace(',', ''))).toBeGreaterThan(1000)
  },
  TIMEOUT_MS,
)
