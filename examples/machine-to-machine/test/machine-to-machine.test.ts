import { runReadme, startExample } from '@oauth-ratchet/engines'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const example = resolve(__dirname, '..')
const cwd = mkdtempSync(join(tmpdir(), 'oauth-ratchet-example-'))

const JOB_SECRET = 'zm96-bthd2LWT2cX1APoZlcAYFuIGJwPTE0ZNmoZVAq'

test('the job makes its reports, and the lines of the README do what they say', async () => {
  const server = await startExample(join(example, 'dist/server.js'), cwd, { JOB_SECRET })
  try {
    const env = { JOB_SECRET, SERVER: server.url, PATH: process.env['PATH'] }
    const job = spawnSync(process.execPath, [join(example, 'dist/job.js')], { env, encoding: 'utf8' })
    expect(job.stderr).toBe('')
    expect(job.stdout).toBe([1, 2, 3].map((report) => `report ${report}: 201 {"by":"nightly"}\n`).join(''))
    const replacements = { 'http://127.0.0.1:3000': server.url }
    expect(await runReadme(join(example, 'README.md'), cwd, replacements, { JOB_SECRET })).toEqual([
      '{"by":"nightly"} 201',
      '{} 200',
      expect.stringMatching(/"invalid_token".* 401$/),
    ])
  } finally {
    await server.stop()
    rmSync(cwd, { recursive: true })
  }
})
