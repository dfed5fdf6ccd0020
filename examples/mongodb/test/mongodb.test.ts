import { ENGINE_TIMEOUT_MS, runReadme, sharedMongo, startExample } from '@oauth-ratchet/engines'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const example = resolve(__dirname, '..')
const cwd = mkdtempSync(join(tmpdir(), 'oauth-ratchet-example-'))

test(
  'the lines of the README: a session is refreshed, and ends when a spent token comes back',
  async () => {
    const engine = await sharedMongo()
    const app = await startExample(join(example, 'dist/main.js'), cwd, {
      MONGODB_URL: withDatabase(engine.url),
    })
    try {
      const answers = await runReadme(join(example, 'README.md'), cwd, { 'http://127.0.0.1:3000': app.url })
      expect(answers).toEqual([
        '{"owner":"alice","notes":["Buy milk"]} 200',
        expect.stringMatching(/"invalid_grant".* 400$/),
        expect.stringMatching(/"invalid_token".* 401$/),
      ])
    } finally {
      await app.stop()
      rmSync(cwd, { recursive: true })
    }
  },
  ENGINE_TIMEOUT_MS,
)

/** The engine is shared: a database of its own. */
function withDatabase(url: string): string {
  const own = new URL(url)
  own.pathname = `/example_${randomBytes(6).toString('hex')}`
  return own.href
}
