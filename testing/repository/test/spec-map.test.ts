import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const script = join(__dirname, '..', '..', '..', 'scripts', 'spec-map.mjs')

/** What the check says, a line for each fault. */
function check(...options: string[]): Promise<string[]> {
  return new Promise((done) => {
    execFile(process.execPath, [script, '--check', ...options], (_error, _stdout, stderr) =>
      done(stderr.split('\n').filter((line) => line !== '')),
    )
  })
}

test('docs/spec-map.md is what its rows say; every source, symbol and test that they name exists', async () => {
  expect(await check()).toEqual([])
})

test('a row that says more than there is is found', async () => {
  const here = 'testing/repository/test/spec-map.test.ts'
  const source = ['packages/core/src/ratchet/judge.ts#judge']
  const tests = [{ file: here, name: 'a row that says more than there is is found' }]
  const good = { clause: '1', level: 'MUST', text: 'x', status: 'offered', source, tests }
  const wrong: [string, object][] = [
    ['no test is named', { tests: [] }],
    ['no source is named', { source: [] }],
    ['the source file packages/gone.ts does not exist', { source: ['packages/gone.ts'] }],
    ['judge.ts declares no judged', { source: ['packages/core/src/ratchet/judge.ts#judged'] }],
    ['gone.test.ts does not exist', { tests: [{ file: 'gone.test.ts', name: 'x' }] }],
    ['has no test “a row that says more”', { tests: [{ file: here, name: 'a row that says more' }] }],
    ['has no case', { tests: [{ ...tests[0], case: ['some', 'where', 'else'].join('-') }] }],
    ['not offered, and no reason is given', { status: 'not offered' }],
    ['differs, and no reason is given', { status: 'differs' }],
    ['the status done is none of', { status: 'done' }],
    ['the level CAN is none of', { level: 'CAN' }],
  ]
  const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-spec-map-'))
  try {
    const rows = [good, ...wrong.map(([, over]) => ({ ...good, ...over }))]
    writeFileSync(join(folder, 'a.json'), JSON.stringify({ document: 'RFC 1', title: 'x', url: 'x', rows }))

    const faults = await check('--rows', folder)

    expect(faults).toEqual([
      ...wrong.map(([fault]) => expect.stringContaining(fault) as string),
      'docs/spec-map.md is stale: run npm run spec-map',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
