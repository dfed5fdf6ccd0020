import { freePort, runReadme, startExample } from '@oauth-ratchet/engines'
import type { RunningExample } from '@oauth-ratchet/engines'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const example = resolve(__dirname, '..')
const cwd = mkdtempSync(join(tmpdir(), 'oauth-ratchet-example-'))

const API_SECRET = 'Zq7nWb2sLx9dPf4hJm6kTc1vRy8gEo3aUi5wXp0zNeM'
const laterSecret = '5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'

const running: RunningExample[] = []
afterEach(() => Promise.all(running.splice(0).map((program) => program.stop())))
afterAll(() => rmSync(cwd, { recursive: true }))

/** Both processes, and the means to end the first and start it anew. */
async function startBoth(FORMAT: 'opaque' | 'jwt', CACHE_SECONDS: string) {
  const [serverPort, apiPort] = [String(await freePort()), String(await freePort())]
  const startServer = async (env: Readonly<Record<string, string>> = {}) => {
    const its = { PORT: serverPort, API: `http://127.0.0.1:${apiPort}`, API_SECRET, FORMAT, ...env }
    const server = await startExample(join(example, 'dist/authorization-server.js'), cwd, its)
    running.push(server)
    return server
  }
  const server = await startServer()
  const env = { PORT: apiPort, ISSUER: server.url, API_SECRET, CACHE_SECONDS }
  const api = await startExample(join(example, 'dist/api.js'), cwd, env)
  running.push(api)
  const signIn = async (): Promise<string> => {
    const body = new URLSearchParams({ user: 'alice', password: 'wonderland' })
    const answer = await fetch(`${server.url}/login`, { method: 'POST', body })
    return ((await answer.json()) as { access_token: string }).access_token
  }
  const statusOf = async (token: string): Promise<number> =>
    (await fetch(`${api.url}/notes`, { headers: { authorization: `Bearer ${token}` } })).status
  return { server, api, startServer, signIn, statusOf }
}

test('opaque tokens: the lines of the README; with the server gone they are a 503 and garbage a 401; it goes on when the server is back', async () => {
  // Without a cache a revocation is seen at once.
  const { server, api, startServer, signIn, statusOf } = await startBoth('opaque', '0')
  const replacements = { 'http://127.0.0.1:3000': server.url, 'http://127.0.0.1:3001': api.url }
  expect(await runReadme(join(example, 'README.md'), cwd, replacements)).toEqual([
    '{"owner":"alice","notes":["Buy milk"]} 200',
    expect.stringMatching(/"invalid_token".* 401$/),
    '{} 200',
    expect.stringMatching(/"invalid_token".* 401$/),
  ])
  const token = await signIn()
  await server.stop()
  expect([await statusOf(token), await statusOf('garbage')]).toEqual([503, 401])
  await startServer()
  // Its storage was in memory: the session is gone, which the server now says.
  expect([await statusOf(token), await statusOf(await signIn())]).toEqual([401, 200])
})

test('JWTs: they go on while the server is gone, and after a change of its keys both old and new ones are judged right', async () => {
  const { server, startServer, signIn, statusOf } = await startBoth('jwt', '5')
  const token = await signIn()
  expect(await statusOf(token)).toBe(200)
  await server.stop()
  expect([await statusOf(token), await statusOf('a.b.c')]).toEqual([200, 401])
  await startServer({ OAUTH_SECRET: laterSecret })
  // The new token makes the API fetch the keys anew, among which that of the old one no longer is.
  expect([await statusOf(await signIn()), await statusOf(token)]).toEqual([200, 401])
})
