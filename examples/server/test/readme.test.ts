import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { authorizationRequest, Browser } from './support/browser.js'
import { temporaryFolder } from './support/server-process.js'
import { answerOf, callApi, postForm, tokensOf } from './support/tokens.js'

const root = resolve(__dirname, '../../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

// In the example's folder, so that packages are found as they are from there; in dist, which is nobody's source.
mkdirSync(resolve(__dirname, '../dist'), { recursive: true })
const folder = mkdtempSync(resolve(__dirname, '../dist/readme-'))
const data = temporaryFolder()
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill()
  rmSync(folder, { recursive: true, force: true })
})

function snippet(name: string): string {
  const code = new RegExp(`<!-- test: ${name} -->\\s+\`\`\`ts\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1]
  if (code === undefined) throw new Error(`README.md has no snippet ${name}`)
  return code
}

const names = ['authorization-endpoint', 'own-login']

beforeAll(() => {
  cpSync(join(__dirname, 'readme/app.ts'), join(folder, 'app.ts'))
  for (const name of names) writeFileSync(join(folder, `${name}.ts`), snippet(name))
  const tsconfig = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { composite: false, declaration: false, module: 'esnext', noEmitOnError: true },
    include: ['*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The README does not compile:\n${stdout}`)
}, 60_000)

/** Runs the app with what a snippet adds to it. */
async function run(name: string): Promise<string> {
  const cwd = join(data, name)
  mkdirSync(cwd)
  const env = { PATH: process.env['PATH'] ?? '', OAUTH_SECRET: '0123456789abcdef0123456789abcdef' }
  const child = spawn(process.execPath, [join(folder, `${name}.js`)], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const port = await new Promise<string>((done, failed) => {
    child.stdout?.once('data', (text: Buffer) => done(/port (\d+)/.exec(text.toString())?.[1] ?? ''))
    child.once('close', () => failed(new Error(`${name} ended`)))
  })
  return `http://127.0.0.1:${port}`
}

test.each(names)('%s: the code in the README has under 25 lines', (name) => {
  const lines = snippet(name).trimEnd().split('\n')
  expect(lines.length).toBeLessThan(25)
})

test('authorization-endpoint: a browser signs in at the app, consents, and the client gets tokens that rotate', async () => {
  const url = await run('authorization-endpoint')
  const browser = new Browser(url)
  const redirect_uri = 'https://spa.example.com/callback'
  const { url: request, verifier } = authorizationRequest('', { redirect_uri, scope: 'notes:read' })
  const login = await browser.signIn(await browser.get(request))
  const consent = await browser.get(login.headers.get('location') ?? '')
  expect(await consent.clone().text()).toContain('Read your notes')
  const back = await browser.submit(consent, { decision: 'approve' })
  const code = new URL(back.headers.get('location') ?? '')
  expect(code.href).toMatch(/^https:\/\/spa\.example\.com\/callback\?code=/)

  const redeem = {
    grant_type: 'authorization_code',
    code: code.searchParams.get('code') ?? '',
    redirect_uri,
    code_verifier: verifier,
  }
  await expectRotation(
    url,
    'spa',
    tokensOf(await postForm(`${url}/oauth/token`, redeem, { client: { id: 'spa' } })),
  )
  const metadata = await fetch(`${url}/.well-known/oauth-authorization-server`)
  expect(await metadata.json()).toMatchObject({ issuer: 'https://app.example.com' })
})

test("own-login: the app's route hands out first tokens, and they rotate", async () => {
  const url = await run('own-login')
  const login = async (password: string) => {
    const body = JSON.stringify({ username: 'alice', password })
    const headers = { 'content-type': 'application/json' }
    return answerOf(await fetch(`${url}/api/login`, { method: 'POST', headers, body }))
  }
  expect((await login('wrong')).status).toBe(401)
  const first = await login('wonderland')
  expect(first.headers.get('cache-control')).toBe('no-store')
  await expectRotation(url, 'app', tokensOf(first))
  const refused = await callApi(url, '/notes', 'nonsense')
  expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
})

async function expectRotation(
  url: string,
  id: string,
  first: { access: string; refresh: string },
): Promise<void> {
  const refresh = (token: string) =>
    postForm(`${url}/oauth/token`, { grant_type: 'refresh_token', refresh_token: token }, { client: { id } })
  const notes = async (token: string) =>
    (await fetch(`${url}/api/notes`, { headers: { authorization: `Bearer ${token}` } })).status

  expect((await callApi(url, '/notes', first.access)).body).toEqual({ owner: 'alice', notes: [] })
  const second = tokensOf(await refresh(first.refresh))
  expect(await notes(second.access)).toBe(200)
  expect((await refresh(first.refresh)).body['error']).toBe('invalid_grant')
  expect((await refresh(second.refresh)).body['error']).toBe('invalid_grant')
  expect(await notes(second.access)).toBe(401)
}
