import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { ENGINE_TIMEOUT_MS, freePort, sharedRedis, waitUntil } from '@oauth-ratchet/engines'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { sampleOf } from './support/documented-code.js'
import { temporaryFolder } from './support/server-process.js'
import { postForm } from './support/tokens.js'

const page = 'docs/operations.md'
const root = resolve(__dirname, '../../..')
const folder = temporaryFolder()
const secret = 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'

// Also after a test that failed half-way.
const cleanUp: (() => void)[] = []
afterAll(() => {
  for (const clean of cleanUp) clean()
})

/** The program of the page, on a Redis, in the example's folder so that it finds the packages. */
async function startProgram() {
  const place = mkdtempSync(resolve(__dirname, '../dist/operations-'))
  const file = join(place, 'server.mjs')
  writeFileSync(file, sampleOf(page, 'process'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const redis = (await sharedRedis()).url
  const env = {
    PATH: process.env['PATH'] ?? '',
    DRAIN_SECONDS: '1',
    ISSUER: url,
    OAUTH_SECRETS: secret,
    PORT: String(port),
    REDIS_URL: redis,
  }
  const child = spawn(process.execPath, [file], { env, stdio: 'ignore' })
  cleanUp.push(() => {
    child.kill('SIGKILL')
    rmSync(place, { recursive: true })
  })
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  const statusOf = async (path: string): Promise<number> =>
    fetch(url + path).then(
      ({ status }) => status,
      () => 0,
    )
  await waitUntil('it is ready', async () => (await statusOf('/ready')) === 200)
  return { url, redis, child, exited, statusOf }
}

/** The shell of whoever follows the page: the command line is that of this repository. */
function shell(script: string, env: Readonly<Record<string, string>>) {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec ${process.execPath} ${root}/packages/cli/dist/esm/main.js "$@"\n`,
  )
  // For machines without it; found last.
  const fallback = join(folder, 'fallback')
  mkdirSync(fallback, { recursive: true })
  const exec = `new (require('${root}/node_modules/better-sqlite3'))(process.argv[1]).exec(process.argv[2])`
  writeFileSync(join(fallback, 'sqlite3'), `#!/bin/sh\nexec ${process.execPath} -e "${exec}" "$@"\n`)
  for (const program of [join(bin, 'npx'), join(fallback, 'sqlite3')]) chmodSync(program, 0o755)
  const PATH = [bin, process.env['PATH'], fallback].join(delimiter)
  return spawnSync('sh', ['-euc', script], { cwd: folder, env: { PATH, ...env }, encoding: 'utf8' })
}

test(
  'the program of the operations page is ready, drains at SIGTERM and exits with 0; every command of the page works',
  async () => {
    const { url, redis, child, exited, statusOf } = await startProgram()
    const storage = new SqliteStorage({ file: join(folder, 'data', 'oauth.sqlite') })
    await storage.init()
    await storage.close()
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
    const script = blocks.map(([, code = '']) => code.replaceAll('http://127.0.0.1:3000', url)).join('\n')

    const { status, stdout, stderr } = shell(script, {
      ISSUER: url,
      OAUTH_SECRETS: secret,
      REDIS_URL: redis,
      STORAGE_URL: 'sqlite:data/oauth.sqlite',
    })

    expect(blocks.length).toBeGreaterThan(5)
    expect({ status, stdout, stderr }).toMatchObject({ status: 0 })
    expect(stdout).toMatch(/maxmemory-policy\s+noeviction/)

    child.kill('SIGTERM')
    await waitUntil('it is not ready any more', async () => (await statusOf('/ready')) === 503)
    expect(await statusOf('/live')).toBe(200)
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'app' }
    expect((await postForm(`${url}/oauth/token`, form)).body['error']).toBe('invalid_grant')
    expect(await exited).toBe(0)
  },
  ENGINE_TIMEOUT_MS,
)
