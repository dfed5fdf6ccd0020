import { execFile, fork, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Browser } from '../../../examples/server/test/support/browser.js'
import { sampleOf } from '../../../examples/server/test/support/documented-code.js'
import { demoSecrets, runApp } from '../../../examples/server/test/support/in-process.js'
import type { RunningApp } from '../../../examples/server/test/support/in-process.js'

const page = 'docs/client-programs.md'
const dist = join(__dirname, '..', 'dist')
const env = { ...process.env, WEB_SECRET: demoSecrets.web, SERVICE_SECRET: demoSecrets.service }

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}
type Call = (call: 'begin' | 'finish' | 'refresh', argument?: unknown) => Promise<unknown>

let app: RunningApp
let folder: string
const children: ChildProcess[] = []
beforeAll(async () => {
  app = await runApp()
  mkdirSync(dist, { recursive: true })
  // In this workspace's folder, so that its packages are found from there.
  folder = mkdtempSync(join(dist, 'samples-'))
})
afterAll(() => {
  for (const child of children) child.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** Code of the page, for the server of this test. */
const codeOf = (name: string, language = 'js') =>
  sampleOf(page, name, language).replaceAll('http://127.0.0.1:3000', app.issuer)

function write(name: string, ending: string, code: string): string {
  const file = join(folder, `${name}.${ending}`)
  writeFileSync(file, code)
  return file
}

/** Signs in through the browser, calls the API, and refreshes twice, each time with what the refresh before gave. */
async function expectSession(call: Call): Promise<void> {
  const callback = await new Browser(app.url).authorize(String(await call('begin')))
  expect(callback.href).toMatch(/^http:\/\/127\.0\.0\.1:4567\/callback\?/)
  const tokens = [(await call('finish', callback.href)) as Tokens]
  for (const before of [0, 1]) tokens.push((await call('refresh', tokens[before])) as Tokens)
  expect(new Set(tokens.map(({ refresh_token }) => refresh_token)).size).toBe(3)
  for (const { access_token } of tokens) expect(await statusOfNotes(access_token)).toBe(200)
}

async function statusOfNotes(token: string): Promise<number> {
  const answer = await fetch(`${app.url}/api/notes`, { headers: { authorization: `Bearer ${token}` } })
  return answer.status
}

describe('programs on Node', () => {
  let child: ChildProcess
  beforeAll(() => {
    child = fork(join(__dirname, '..', 'src', 'run-samples.mjs'), { env, execArgv: [] })
    children.push(child)
  })

  const caller =
    (files: Readonly<Record<string, string>>): Call =>
    async (call, argument) => {
      const file = files[call] ?? files['begin'] ?? ''
      const answered = new Promise<{ value?: unknown; error?: string }>((done) => child.once('message', done))
      child.send({ file, call, argument })
      const { value, error } = await answered
      if (error !== undefined) throw new Error(error)
      return value
    }

  test.each(['openid-client', 'oauth4webapi', 'oidc-client-ts', 'simple-oauth2'])(
    '%s signs in, and refreshes with the token that the refresh before gave',
    (name) => expectSession(caller({ begin: write(name, 'mjs', codeOf(name)) })),
  )

  test('passport-oauth2 signs in, and a refresh beside it works', () =>
    expectSession(
      caller({
        begin: write('passport-oauth2', 'mjs', codeOf('passport-oauth2')),
        refresh: write('passport-refresh', 'mjs', codeOf('passport-refresh')),
      }),
    ))
})

/** The Python that has it: Debian's own, where another is before it on PATH. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import requests_oauthlib']).status === 0,
)

test('requests-oauthlib signs in, and refreshes with the token that the refresh before gave', async () => {
  if (python === undefined && process.env['REQUESTS_OAUTHLIB'] !== 'required') {
    console.warn('NOT RUN: requests-oauthlib, which is not here. apt-get install python3-requests-oauthlib')
    return
  }
  const file = write('requests', 'py', codeOf('requests-oauthlib', 'py'))
  const child = spawn(python ?? 'python3', [join(__dirname, '..', 'src', 'run-samples.py'), file], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await expectSession(async (call, argument) => {
    child.stdin.write(`${JSON.stringify({ call, argument })}\n`)
    const { value } = (await answers.next()) as { value?: string }
    if (value === undefined) throw new Error('Python ended.')
    return JSON.parse(value) as unknown
  })
})

describe('curl', () => {
  const run = promisify(execFile)
  const shell = async (name: string, more: Readonly<Record<string, string>> = {}) => {
    const { stdout } = await run('sh', ['-c', codeOf(name, 'sh')], { env: { ...env, ...more } })
    return JSON.parse(stdout) as Record<string, string>
  }

  test('gets a token for a service', async () => {
    const { access_token = '' } = await shell('curl')
    expect(await statusOfNotes(access_token)).toBe(200)
  })

  test('refreshes, gets the same answer with the same key, and signs out', async () => {
    const { refresh_token = '' } = await app.server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const once = { REFRESH_TOKEN: refresh_token, KEY: 'c0ffee' }
    const next = await shell('curl-refresh', once)
    expect(await shell('curl-refresh', once)).toHaveProperty('refresh_token', next['refresh_token'])
    expect(await shell('curl-revoke', { REFRESH_TOKEN: next['refresh_token'] ?? '' })).toEqual({})
    expect(await statusOfNotes(next['access_token'] ?? '')).toBe(401)
  })
})

describe('the collection for Postman', () => {
  interface Item {
    readonly name: string
    readonly request: {
      readonly method: string
      readonly url: string
      readonly auth?: { readonly type: string; readonly basic?: readonly { key: string; value: string }[] }
      readonly body?: { readonly urlencoded: readonly { key: string; value: string }[] }
      readonly header?: readonly { key: string; value: string }[]
    }
  }
  const collection = JSON.parse(
    readFileSync(join(__dirname, '../../../docs/postman-collection.json'), 'utf8'),
  ) as {
    readonly item: readonly Item[]
    readonly variable: readonly { key: string; value: string }[]
    readonly auth: { readonly oauth2: readonly { key: string; value: string }[] }
  }

  test('has requests that are answered, each with what the ones before have put into the variables', async () => {
    const { access_token, refresh_token = '' } = await app.server.grants.issue({
      clientId: 'spa',
      subject: 'alice',
    })
    const variables = new Map(collection.variable.map(({ key, value }) => [key, value]))
    variables.set('issuer', app.issuer)
    variables.set('service_secret', demoSecrets.service)
    variables.set('api_secret', demoSecrets.api)
    variables.set('access_token', access_token)
    variables.set('refresh_token', refresh_token)
    const fill = (text: string) =>
      text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => variables.get(name) ?? '')

    const statuses: Record<string, number> = {}
    for (const { name, request } of collection.item) {
      const headers = new Headers(
        request.header?.map(({ key, value }): [string, string] => [key, fill(value)]),
      )
      const basic = Object.fromEntries(
        (request.auth?.basic ?? []).map(({ key, value }) => [key, fill(value)]),
      )
      if (request.auth?.type === 'basic')
        headers.set('authorization', `Basic ${btoa(`${basic['username']}:${basic['password']}`)}`)
      if (request.auth === undefined) headers.set('authorization', `Bearer ${variables.get('access_token')}`)
      const body =
        request.body &&
        new URLSearchParams(request.body.urlencoded.map(({ key, value }) => [key, fill(value)]))
      const answer = await fetch(fill(request.url), {
        method: request.method,
        headers,
        ...(body && { body }),
      })
      statuses[name] = answer.status
      const json = (await answer.json()) as Record<string, string>
      for (const token of ['access_token', 'refresh_token']) {
        if (json[token] !== undefined) variables.set(token, json[token])
      }
    }
    expect(statuses).toEqual({
      Metadata: 200,
      'Notes, with the access token': 200,
      'Refresh (public client)': 200,
      'Introspect the access token': 200,
      'Sign out': 200,
      'Client credentials': 200,
    })
  })

  test('signs in at the endpoints and with the client of the metadata', async () => {
    const set = Object.fromEntries(collection.auth.oauth2.map(({ key, value }) => [key, value]))
    const found = await fetch(`${app.issuer}/.well-known/oauth-authorization-server`)
    const metadata = (await found.json()) as Record<string, unknown>
    const address = (text = '') => text.replace('{{issuer}}', app.issuer)
    expect(address(set['authUrl'])).toBe(metadata['authorization_endpoint'])
    expect(address(set['accessTokenUrl'])).toBe(metadata['token_endpoint'])
    expect(set).toMatchObject({ grant_type: 'authorization_code_with_pkce', challengeAlgorithm: 'S256' })
  })
})
