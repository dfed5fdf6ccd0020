import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer, ServerEvents } from '@oauth-ratchet/core'
import { getAuth, requireToken } from '@oauth-ratchet/express'
import { transformSync } from 'esbuild'
import express from 'express'
import request from 'supertest'

const root = join(__dirname, '..', '..', '..')
const page = readFileSync(join(root, 'docs', 'questions.md'), 'utf8')

/** The blocks of code of one question. */
function blocksOf(question: number): string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${question}.`)) ?? ''
  return [...section.matchAll(/^ *```[jt]s\n([\s\S]*?)^ *```$/gm)].map((match) => match[1] ?? '')
}

/** Runs code of the page with the names that stand for an app's. */
function runCode(code: string | undefined, names: Readonly<Record<string, unknown>>): Promise<void> {
  const { code: script } = transformSync(code ?? '', { loader: 'ts' })
  const wrapped = `return async (${Object.keys(names).join(', ')}) => { ${script} }`
  // The documentation is this repository's own.
  // oxlint-disable-next-line typescript/no-implied-eval
  const run = new Function(wrapped)() as (...values: unknown[]) => Promise<void>
  return run(...Object.values(names))
}

let server: AuthorizationServer
beforeEach(() => {
  server = createAuthorizationServer({
    issuer: 'https://app.example.com',
    secrets: ['PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'],
    storage: new MemoryStorage(),
    clients: [{ client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
  })
})
afterEach(() => server.close())

const issue = (subject = 'alice', session?: string) =>
  server.grants.issue({ clientId: 'app', subject, ...(session !== undefined && { session }) })

const expectAlive = async (token: string, alive: boolean) => {
  const verified = await server.tokens.verify(token).then(
    () => true,
    () => false,
  )
  expect(verified).toBe(alive)
}

test('question 4: the event has what the listener of the page reads', async () => {
  let heard: ServerEvents['grant.reuse_detected'] | undefined
  server.on('grant.reuse_detected', (event) => (heard = event))
  await runCode(blocksOf(4)[0], { server })
  const { refresh_token: refreshToken = '' } = await issue()
  await server.tokens.refresh({ clientId: 'app', refreshToken })
  const again = server.tokens.refresh({ clientId: 'app', refreshToken, remoteAddress: '192.0.2.7' })
  await expect(again).rejects.toMatchObject({ code: 'invalid_grant' })
  const read = /\(\{ ([\w, ]+) \}\)/.exec(blocksOf(4)[0] ?? '')?.[1]?.split(', ') ?? []
  expect(read).toContain('remoteAddress')
  for (const name of read) expect(heard).toHaveProperty(name)
})

test('question 5: each line ends what it says, and nothing else', async () => {
  const lines = (blocksOf(5)[0] ?? '').trim().split('\n')
  expect(lines).toHaveLength(6)
  const [list, one, all, others, otherSessions, thisSession] = lines
  const run = (line: string | undefined, names: Readonly<Record<string, unknown>> = {}) =>
    runCode(line, { server, subject: 'alice', session: 's1', getAuth, ...names })

  await run(list)
  const phone = await issue()
  const laptop = await issue()
  const { grantId: id } = await server.tokens.verify(phone.access_token)
  await run(one, { subject: 'bob', id })
  await expectAlive(phone.access_token, true)
  await run(one, { id })
  await expectAlive(phone.access_token, false)

  const auth = await server.tokens.verify(laptop.access_token)
  const tablet = await issue()
  await run(others, { req: {}, getAuth: () => auth })
  await expectAlive(laptop.access_token, true)
  await expectAlive(tablet.access_token, false)

  const here = await issue('alice', 's1')
  const there = await issue('alice', 's2')
  await run(otherSessions)
  await expectAlive(here.access_token, true)
  await expectAlive(there.access_token, false)
  await run(thisSession)
  await expectAlive(here.access_token, false)

  const bobs = await issue('bob')
  const last = await issue()
  await run(all)
  await expectAlive(last.access_token, false)
  await expectAlive(bobs.access_token, true)
})

test('question 8: the handlers get the user', async () => {
  const app = express()
  const names = {
    app,
    server,
    requireToken,
    getAuth,
    findUser: (id: string) => Promise.resolve(id === 'alice' ? { id, name: 'Alice' } : undefined),
  }
  for (const code of blocksOf(8).slice(0, 2)) await runCode(code, names)
  const { access_token } = await issue()
  const get = (path: string, token: string) => request(app).get(path).set('authorization', `Bearer ${token}`)
  await get('/me', access_token).expect(200, { subject: 'alice' })
  await get('/account', access_token).expect(200, { name: 'Alice' })
  await get('/account', (await issue('mallory')).access_token).expect(401)
})

test('question 12: token answers tell both limits', async () => {
  const tokens = await issue()
  for (const name of ['refresh_token_timeout', 'authorization_expires_in']) {
    expect(page).toContain(name)
    expect(tokens).toHaveProperty(name)
  }
})

test('question 13: the test of the page passes in a Jest that is set up as the page says', () => {
  const [code, , settings = ''] = blocksOf(13)
  const parent = join(root, 'testing', 'repository', 'dist')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'question-'))
  try {
    for (const name of ['src', 'test']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'test', 'idle.test.js'), code ?? '')
    writeFileSync(join(folder, 'jest.config.cjs'), `module.exports = { ${settings} }\n`)
    writeFileSync(
      join(folder, 'src', 'app.js'),
      `import { oauthRouter } from '@oauth-ratchet/express'
import express from 'express'
export const options = {
  issuer: 'https://app.example.com',
  secrets: ['PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'],
  clients: [{ client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
}
export const createApp = (server) => express().use('/oauth', oauthRouter(server))\n`,
    )
    const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
    const { status, stderr } = spawnSync(process.execPath, [jest, `--rootDir=${folder}`], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('1 passed') })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
