import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort, waitUntil } from '@oauth-ratchet/engines'

import { runBin } from './setup/run-bin.js'
import type { Ran } from './setup/run-bin.js'
import { secret } from './setup/service.js'

const root = join(__dirname, '..', '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
let example: ChildProcess
let exampleUrl: string
let bad: Server
let badUrl: string

interface Finding {
  readonly code: string
  readonly severity: string
}

function findings(ran: Ran): readonly Finding[] {
  return ran.json()['findings'] as readonly Finding[]
}

function codes(ran: Ran, severity: string): string[] {
  return findings(ran)
    .filter((finding) => finding.severity === severity)
    .map(({ code }) => code)
    .toSorted()
}

/** A server that does wrong whatever it can. */
const badServer: RequestListener = (req, res) => {
  const origin = req.headers.origin
  if (origin !== undefined) {
    res.setHeader('access-control-allow-origin', origin)
    res.setHeader('access-control-allow-credentials', 'true')
  }
  if (req.url?.startsWith('/.well-known/')) {
    res.setHeader('content-type', 'application/json')
    return res.end(
      JSON.stringify({
        issuer: 'http://other.example',
        authorization_endpoint: `${badUrl}/authorize`,
        token_endpoint: `${badUrl}/token`,
        introspection_endpoint: `${badUrl}/introspect`,
        jwks_uri: `${badUrl}/jwks`,
        response_types_supported: ['code', 'token'],
        grant_types_supported: ['authorization_code', 'implicit', 'password'],
        code_challenge_methods_supported: ['S256', 'plain'],
        token_endpoint_auth_signing_alg_values_supported: ['none'],
        id_token_signing_alg_values_supported: ['RS256', 'none'],
      }),
    )
  }
  if (req.url === '/jwks') return res.end('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}')
  if (req.url?.startsWith('/authorize')) {
    const target = new URL(req.url, badUrl).searchParams.get('redirect_uri') ?? '/'
    return res.writeHead(302, { location: target }).end()
  }
  return res.end('<p>welcome</p>')
}

beforeAll(async () => {
  const port = await freePort()
  exampleUrl = `http://127.0.0.1:${port}`
  example = spawn(process.execPath, [join(root, 'examples', 'server', 'dist', 'main.js')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: String(port), STORAGE_URL: 'memory:', OAUTH_SECRETS: secret },
    stdio: 'ignore',
  })
  bad = createServer(badServer).listen(0, '127.0.0.1')
  await once(bad, 'listening')
  badUrl = `http://127.0.0.1:${(bad.address() as AddressInfo).port}`
  await waitUntil('the example server to answer', async () => (await fetch(`${exampleUrl}/health`)).ok)
})

afterAll(async () => {
  const ended = once(example, 'exit')
  example.kill()
  await ended
  bad.close()
  rmSync(folder, { recursive: true })
})

test('the example server is right but for its password grant, which is there to be seen (RFC 9700 §2.4)', async () => {
  const ran = await runBin(['doctor', exampleUrl, '--json'])
  expect(ran.code).toBe(1)
  expect(codes(ran, 'error')).toEqual(['RFC9700-2.4-password'])
  expect(codes(ran, 'warning')).toEqual(['RFC9700-2.6-https'])
  expect(codes(ran, 'ok').length).toBeGreaterThan(15)
})

test('of a bad server every fault is found, each under its code', async () => {
  const ran = await runBin(['doctor', badUrl, '--json'])
  expect(ran.code).toBe(1)
  expect(codes(ran, 'error')).toEqual([
    'RFC6749-3.2-post-only',
    'RFC6749-5.1-no-store',
    'RFC6749-5.2-error-format',
    'RFC7517-9.2-keys',
    'RFC7662-2.1-introspection-authentication',
    'RFC8414-3-metadata',
    'RFC8725-3.2-alg-none',
    'RFC9700-2.1.1-pkce',
    'RFC9700-2.1.2-implicit',
    'RFC9700-2.4-password',
    'RFC9700-2.6-cors-authorization',
    'RFC9700-4.11-open-redirect',
    'cors-credentials',
  ])
  expect(codes(ran, 'warning')).toEqual([
    'RFC9700-2.6-https',
    'RFC9700-4.16-framing',
    'RFC9700-4.2-referrer',
    'RFC9700-4.4-iss',
    'endpoints',
  ])
  expect(codes(ran, 'note')).toEqual(['cors-metadata'])
})

test('a server that does not answer, and one without metadata, are an error each', async () => {
  const nobody = await runBin(['doctor', `http://127.0.0.1:${await freePort()}`])
  expect(nobody.code).toBe(1)
  expect(nobody.stdout).toContain('does not answer')
  const without = await runBin(['doctor', `${badUrl}/`, '--json'])
  expect(without.code).toBe(1)
})

function configuration(name: string, source: string): string {
  const file = join(folder, `${name}.config.mjs`)
  const core = JSON.stringify(join(root, 'packages', 'core', 'dist', 'esm', 'index.js'))
  const sqlite = JSON.stringify(join(root, 'packages', 'sqlite', 'dist', 'esm', 'index.js'))
  const imports = `import { MemoryStorage } from ${core}\nimport { SqliteStorage } from ${sqlite}\n`
  writeFileSync(file, imports + source)
  return file
}

test('a good configuration has no error and no warning', async () => {
  const config = configuration(
    'good',
    `export default async () => ({
      issuer: 'https://auth.example.com',
      secrets: [process.env.OAUTH_SECRETS],
      storage: new SqliteStorage({ file: ${JSON.stringify(join(folder, 'good.sqlite'))} }),
      accessToken: { audience: 'https://api.example.com' },
      scopes: ['read'],
      clients: [{ client_id: 'app', token_endpoint_auth_method: 'none', scope: 'read',
        grant_types: ['authorization_code', 'refresh_token'], redirect_uris: ['https://app.example.com/cb'] }],
    })`,
  )
  const ran = await runBin(['doctor', '--config', config, '--json'], {
    environment: { OAUTH_SECRETS: secret },
  })
  expect({ code: ran.code, error: codes(ran, 'error'), warning: codes(ran, 'warning') }).toEqual({
    code: 0,
    error: [],
    warning: [],
  })
  expect(ran.stderr).toBe('')
})

test('of a bad configuration every fault is found, each under its code', async () => {
  const config = configuration(
    'bad',
    `export const options = {
      issuer: 'http://10.0.0.1', allowInsecureIssuer: 'private-network',
      secrets: ['correct horse battery staple wrong donkey'],
      storage: new MemoryStorage(),
      authorizationCode: { requirePkce: 'public' },
      refreshToken: { idleLifetime: null, reuseGrace: 120, acceptAhead: 3 },
      accessToken: { lifetime: 7200, format: 'jwt' },
      authenticateUser: () => null, throttle: false, localhostAnyPort: true,
      clients: [{ client_id: 'a', client_secret: 'abc', token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: ['http://10.0.0.2/cb'], may_introspect: 'any' }],
    }`,
  )
  const ran = await runBin(['doctor', '--config', config, '--json'])
  expect(ran.code).toBe(1)
  expect(codes(ran, 'error')).toEqual([
    'RFC9700-2.1-redirect-uris',
    'RFC9700-2.4-password',
    'RFC9700-2.6-https',
    'storage',
  ])
  expect(codes(ran, 'warning')).toEqual([
    'RFC6749-2.3.1-throttle',
    'RFC9700-2.1.1-pkce',
    'RFC9700-4.10-access-token-lifetime',
    'RFC9700-4.14.2-expiry',
    'RFC9700-4.14.2-rotation',
    'oauth-ratchet-insecure-issuer',
    'oauth-ratchet-weak-secret',
    'oauth-ratchet-weak-server-secret',
  ])
})

test('a configuration that the server refuses is an error with the code of the refusal', async () => {
  const config = configuration('refused', `export const options = { issuer: 'https://auth.example.com' }`)
  const ran = await runBin(['doctor', '--config', config])
  expect(ran.code).toBe(1)
  expect(ran.stdout).toContain('storage.missing')
})

function read(...path: readonly string[]): string {
  return readFileSync(join(root, 'packages', 'cli', ...path), 'utf8')
}

test('every code is explained in the README', () => {
  const sources = ['check-configuration', 'check-clients', 'check-server', 'check-endpoints']
  const used = sources.flatMap((name) => [
    ...read('src', 'doctor', `${name}.ts`).matchAll(
      /'(RFC\d{4}-[\w.-]+|cors-\w+|storage|endpoints|clients|configuration)'/g,
    ),
  ])
  const names = [...new Set(used.map((match) => match[1] ?? ''))]
  expect(names.length).toBeGreaterThan(20)
  const readme = read('README.md')
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})
