import { spawnSync } from 'node:child_process'
import { freePort } from '@oauth-ratchet/engines'
import * as oauth from 'oauth4webapi'
import { Browser, textOf } from './support/browser.js'
import { runApp, demoSecrets } from './support/in-process.js'
import { ServerProcess, temporaryFolder } from './support/server-process.js'
import { callApi, postForm } from './support/tokens.js'

const folder = temporaryFolder()

function boxesOf(page: string): string[] {
  return [...page.matchAll(/<pre><code>([\s\S]*?)<\/code><\/pre>/g)].map(([, lines]) => textOf(lines))
}

/** A server whose address its settings name, as an issuer with a path has to. */
async function startOnFreePort(
  settings: (url: string) => Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      const environment = { ...settings(`http://127.0.0.1:${port}`), PORT: String(port) }
      return await ServerProcess.start(environment, folder)
    } catch (error) {
      // Between the look for a free port and the start somebody else may have taken it.
      if (attempt === 5 || !String(error).includes('is in use')) throw error
    }
  }
}

function paste(lines: string): { stdout: string; stderr: string } {
  return spawnSync('bash', { input: `${lines}\n`, encoding: 'utf8' })
}

test.each(['opaque', 'jwt'])(
  'with oauth4webapi: discovery, code with PKCE, API, ten refreshes, a replay, and the end of that grant alone (%s)',
  async (format) => {
    const process = await ServerProcess.start(
      { ACCESS_TOKEN_FORMAT: format, STORAGE_URL: `sqlite:${format}.sqlite` },
      folder,
    )
    const { url } = process
    const insecure = { [oauth.allowInsecureRequests]: true }
    const client: oauth.Client = { client_id: 'spa' }
    const auth = oauth.None()

    const issuer = new URL(url)
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await oauth.processDiscoveryResponse(issuer, discovered)

    const device = async () => {
      const redirectUri = 'http://127.0.0.1:4567/callback'
      const verifier = oauth.generateRandomCodeVerifier()
      const state = oauth.generateRandomState()
      const request = new URL(as.authorization_endpoint ?? '')
      request.search = new URLSearchParams({
        response_type: 'code',
        client_id: 'spa',
        redirect_uri: redirectUri,
        scope: 'notes:read notes:write',
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString()
      const back = await new Browser(url).authorize(request.href)
      const parameters = oauth.validateAuthResponse(as, client, back, state)
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        parameters,
        redirectUri,
        verifier,
        insecure,
      )
      return oauth.processAuthorizationCodeResponse(as, client, response)
    }
    const refresh = async (token = '') => {
      const response = await oauth.refreshTokenGrantRequest(as, client, auth, token, insecure)
      return oauth.processRefreshTokenResponse(as, client, response)
    }
    const me = async (token: string) => {
      const response = await oauth.protectedResourceRequest(
        token,
        'GET',
        new URL(`${url}/api/me`),
        undefined,
        undefined,
        insecure,
      )
      return (await response.json()) as unknown
    }
    const introspect = async (token: string) => {
      const api = oauth.ClientSecretBasic(process.secretOf('api'))
      const response = await oauth.introspectionRequest(as, { client_id: 'api' }, api, token, insecure)
      return oauth.processIntrospectionResponse(as, { client_id: 'api' }, response)
    }

    const first = await device()
    const other = await device()
    expect(await me(first.access_token)).toMatchObject({ sub: 'alice', client_id: 'spa' })

    let newest = first
    const seen = new Set([first.refresh_token])
    for (let count = 0; count < 10; count++) {
      newest = await refresh(newest.refresh_token)
      seen.add(newest.refresh_token)
      expect(await me(newest.access_token)).toMatchObject({ sub: 'alice' })
    }
    expect(seen.size).toBe(11)
    expect(await introspect(newest.access_token)).toMatchObject({
      active: true,
      sub: 'alice',
      client_id: 'spa',
    })

    await expect(refresh(first.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })

    await expect(refresh(newest.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(await introspect(newest.access_token)).toEqual({ active: false })
    await expect(me(newest.access_token)).rejects.toMatchObject({ status: 401 })
    await expect(me(first.access_token)).rejects.toMatchObject({ status: 401 })

    const next = await refresh(other.refresh_token)
    expect(await me(next.access_token)).toMatchObject({ sub: 'alice' })
    expect(await process.stop()).toBe(0)
  },
)

describe('the lines on the first page', () => {
  test.each([
    ['', ''],
    ['', '10'],
    ['/tenant', ''],
  ])('tell the whole story when they are pasted into a shell (path %p, grace %p)', async (path, grace) => {
    const server = await startOnFreePort((url) => ({
      ISSUER: `${url}${path}`,
      REUSE_GRACE: grace,
      STORAGE_URL: 'memory:',
    }))
    const page = await (await fetch(`${server.url}${path}/`)).text()
    for (const client of ['web', 'service', 'trusted', 'api'])
      expect(page).not.toContain(server.secretOf(client))

    const { stdout, stderr } = paste(boxesOf(page).join('\n'))
    await server.stop()
    expect(stderr).toBe('')
    const answers = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(answers).toEqual([
      expect.objectContaining({ token_type: 'Bearer', refresh_token: expect.any(String) }),
      expect.objectContaining({ sub: 'alice', client_id: 'trusted' }),
      expect.objectContaining({ text: 'Buy milk' }),
      { notes: [expect.objectContaining({ text: 'Buy milk' })] },
      expect.objectContaining({ refresh_token: expect.any(String) }),
      expect.objectContaining({ refresh_token: expect.any(String) }),
      expect.objectContaining({ sub: 'alice' }),
      expect.objectContaining({ error: 'invalid_grant' }),
      expect.objectContaining({ error: 'invalid_grant' }),
      expect.objectContaining({ error: 'invalid_token' }),
    ])
    expect(stdout).toContain('HTTP/1.1 401')
  })

  test('the browser gets there too: a code comes back with a line that redeems it, once', async () => {
    const server = await ServerProcess.start({ STORAGE_URL: 'memory:' }, folder)
    const browser = new Browser(server.url)
    const begun = await browser.get('/try')
    const back = await browser.authorize(begun.headers.get('location') ?? '')
    const page = await (await browser.get(back.href)).text()
    const [line = ''] = boxesOf(page)
    const redeemed = JSON.parse(paste(line).stdout) as Record<string, string>
    expect(redeemed).toMatchObject({ token_type: 'Bearer', scope: 'notes:read notes:write' })
    expect((await callApi(server.url, '/me', redeemed['access_token'])).status).toBe(200)
    expect(paste(line).stdout).toContain('invalid_grant')
    expect((await callApi(server.url, '/me', redeemed['access_token'])).status).toBe(401)
    await server.stop()
  })

  test('name no file of this machine where others can read the page', async () => {
    const server = await ServerProcess.start(
      { HOST: '0.0.0.0', ISSUER: 'http://127.0.0.1:3000', STORAGE_URL: 'memory:' },
      folder,
    )
    const page = await (await fetch(`http://127.0.0.1:${new URL(server.url).port}/`)).text()
    expect(page).not.toContain(folder)
    expect(page).toContain('the secret of the client trusted')
    expect(server.stdout).toContain('Other machines can reach this server')
    await server.stop()
  })
})

test('an issuer with a path: every advertised address works, and the API at the root too', async () => {
  const app = await runApp({ path: '/tenant' })
  const at = `${app.url}/.well-known/oauth-authorization-server/tenant`
  const metadata = (await (await fetch(at)).json()) as Record<string, string>
  expect(metadata['issuer']).toBe(app.issuer)
  const endpoint = (name: string) => metadata[name] ?? ''
  for (const name of [
    'authorization_endpoint',
    'token_endpoint',
    'revocation_endpoint',
    'introspection_endpoint',
    'jwks_uri',
  ]) {
    expect(endpoint(name)).toMatch(new RegExp(`^${app.issuer}/oauth/`))
  }

  const browser = new Browser(app.url)
  const begun = await browser.get('/tenant/try')
  const back = await browser.authorize(begun.headers.get('location') ?? '')
  expect(back.href).toMatch(new RegExp(`^${app.issuer}/callback\\?code=`))
  expect((await browser.get(back.href)).status).toBe(200)

  const client = { id: 'trusted', secret: demoSecrets.trusted }
  const fields = { grant_type: 'password', username: 'alice', password: 'wonderland' }
  const { body } = await postForm(endpoint('token_endpoint'), fields, { client })
  const token = String(body['access_token'])
  for (const base of [app.issuer, app.url]) expect((await callApi(base, '/me', token)).status).toBe(200)
  const api = { id: 'api', secret: demoSecrets.api }
  expect(
    (await postForm(endpoint('introspection_endpoint'), { token }, { client: api })).body['active'],
  ).toBe(true)
  expect((await postForm(endpoint('revocation_endpoint'), { token }, { client })).status).toBe(200)
  expect((await postForm(endpoint('introspection_endpoint'), { token }, { client: api })).body).toEqual({
    active: false,
  })
  expect((await fetch(endpoint('jwks_uri'))).status).toBe(200)
  for (const path of ['/health', '/tenant/health', '/', '/tenant/'])
    expect((await fetch(`${app.url}${path}`)).status).toBe(200)
  await app.close()
})
