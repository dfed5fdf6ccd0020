import { runReadme, startExample } from '@oauth-ratchet/engines'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const example = resolve(__dirname, '..')
const cwd = mkdtempSync(join(tmpdir(), 'oauth-ratchet-example-'))

afterAll(() => rmSync(cwd, { recursive: true }))

const SESSION_SECRET = 'only-for-the-test-of-this-example'

test('after: the website has its session as before, and the phone has tokens', async () => {
  const app = await startExample(join(example, 'dist/after.js'), cwd, {
    SESSION_SECRET,
    DATABASE: 'oauth.sqlite',
  })
  try {
    const answers = await runReadme(join(example, 'README.md'), cwd, { 'http://127.0.0.1:3000': app.url })
    expect(answers).toEqual([
      '{"user":"alice"} 200',
      '["Buy milk"] 200',
      '["Buy milk"] 200',
      '{"error":"Sign in first."} 401',
    ])
  } finally {
    await app.stop()
  }
})

test('before: the website has its session', async () => {
  const app = await startExample(join(example, 'dist/before.js'), cwd, { SESSION_SECRET })
  try {
    const body = new URLSearchParams({ user: 'alice', password: 'wonderland' })
    const login = await fetch(`${app.url}/login`, { method: 'POST', body })
    const cookie = login.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ')
    const notes = await fetch(`${app.url}/api/notes`, { headers: { cookie } })
    expect(await notes.json()).toEqual(['Buy milk'])
    expect((await fetch(`${app.url}/api/notes`)).status).toBe(401)
  } finally {
    await app.stop()
  }
})

test('the diff in the README is that of the two files', () => {
  const { stdout } = spawnSync(
    'diff',
    ['-U2', '--label', 'before.ts', '--label', 'after.ts', 'before.ts', 'after.ts'],
    { cwd: join(example, 'src'), encoding: 'utf8' },
  )
  const readme = readFileSync(join(example, 'README.md'), 'utf8')
  // Prettier and editors take spaces at the end of lines away.
  expect(/```diff\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(stdout.replaceAll(/ +$/gm, ''))
})
