import { MemoryStorage, StorageError } from '@oauth-ratchet/core'
import { runApp, demoSecrets } from './support/in-process.js'
import type { RunningApp } from './support/in-process.js'
import { callApi, passwordGrant, postForm } from './support/tokens.js'

let app: RunningApp
beforeAll(async () => {
  app = await runApp()
})
afterAll(() => app.close())

const json = { 'content-type': 'application/json' }

async function serviceToken(scope: string): Promise<string> {
  const fields = { grant_type: 'client_credentials', scope }
  const client = { id: 'service', secret: demoSecrets.service }
  return String((await postForm(`${app.url}/oauth/token`, fields, { client })).body['access_token'])
}

test('the metadata is at the well-known address and names this server', async () => {
  const response = await fetch(`${app.url}/.well-known/oauth-authorization-server`)
  expect(await response.json()).toMatchObject({
    issuer: app.url,
    authorization_endpoint: `${app.url}/oauth/authorize`,
    token_endpoint: `${app.url}/oauth/token`,
    revocation_endpoint: `${app.url}/oauth/revoke`,
    introspection_endpoint: `${app.url}/oauth/introspect`,
    jwks_uri: `${app.url}/oauth/jwks`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', 'password'],
    scopes_supported: ['notes:read', 'notes:write', 'sessions', 'offline_access'],
  })
  expect((await fetch(`${app.url}/.well-known/openid-configuration`)).status).toBe(404)
})

test.each([
  ['GET', '/', 200],
  ['GET', '/health', 200],
  ['HEAD', '/health', 200],
  ['GET', '/style.css', 200],
  ['GET', '/sign-in', 200],
  ['GET', '/oauth/jwks', 200],
  ['GET', '/oauth/authorize', 400],
  ['GET', '/oauth/token', 405],
  ['POST', '/oauth/introspect', 401],
  ['GET', '/api/me', 401],
  ['GET', '/api/notes', 401],
  ['POST', '/api/notes', 401],
  ['DELETE', '/api/notes', 405],
  ['GET', '/api/none', 404],
  ['GET', '/none', 404],
])('%s %s without anything: %d', async (method, path, status) => {
  expect((await fetch(`${app.url}${path}`, { method })).status).toBe(status)
})

test('GET /api/me tells of any valid token, the scope as a string', async () => {
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  const me = await callApi(app.url, '/me', tokens.access)
  expect(me.body).toEqual({
    sub: 'alice',
    client_id: 'trusted',
    scope: 'notes:read notes:write offline_access',
  })
  const service = await callApi(app.url, '/me', await serviceToken('notes:read'))
  expect(service.body).toEqual({ sub: 'service', client_id: 'service', scope: 'notes:read' })
})

test('notes are read with notes:read and written with notes:write, each user their own', async () => {
  const alice = (await passwordGrant(app.url, demoSecrets.trusted)).tokens.access
  const bob = (await passwordGrant(app.url, demoSecrets.trusted, 'bob', 'builder')).tokens.access
  const written = await callApi(app.url, '/notes', alice, {
    method: 'POST',
    headers: json,
    body: '{"text":"Buy milk"}',
  })
  expect(written.status).toBe(201)
  expect(written.body).toEqual({ id: expect.any(String), text: 'Buy milk', createdAt: expect.any(String) })
  expect((await callApi(app.url, '/notes', alice)).body).toEqual({ notes: [written.body] })
  expect((await callApi(app.url, '/notes', bob)).body).toEqual({ notes: [] })

  const reader = await serviceToken('notes:read')
  const refused = await callApi(app.url, '/notes', reader, {
    method: 'POST',
    headers: json,
    body: '{"text":"x"}',
  })
  expect(refused.status).toBe(403)
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope')
})

test.each([
  ['no body', undefined, json, 400],
  ['no JSON', '{"text":', json, 400],
  ['a list', '["x"]', json, 400],
  ['no text', '{}', json, 400],
  ['a text that is none', '{"text":5}', json, 400],
  ['an empty text', '{"text":"  "}', json, 400],
  ['a text that is too long', JSON.stringify({ text: 'x'.repeat(1001) }), json, 400],
  ['a body that is too long', JSON.stringify({ text: 'x'.repeat(20_000) }), json, 413],
  ['a form', 'text=x', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
  ['a charset that is none', '{"text":"x"}', { 'content-type': 'application/json; charset=klingon' }, 415],
])('POST /api/notes with %s is refused in JSON', async (_, body, headers, status) => {
  const token = await serviceToken('notes:write')
  const answer = await callApi(app.url, '/notes', token, {
    method: 'POST',
    headers,
    ...(body !== undefined && { body }),
  })
  expect(answer.status).toBe(status)
  expect(answer.body['error']).toBe('invalid_request')
})

test('the API takes access tokens from the header only, and no refresh token', async () => {
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  expect((await fetch(`${app.url}/api/me?access_token=${tokens.access}`)).status).toBe(401)
  const refused = await callApi(app.url, '/me', tokens.refresh)
  expect(refused.status).toBe(401)
  expect(refused.body['error']).toBe('invalid_token')
})

test('pages of other origins may read the metadata, and neither the API nor the pages', async () => {
  const headers = { origin: 'https://elsewhere.example' }
  const allowed = async (path: string) =>
    (await fetch(`${app.url}${path}`, { headers })).headers.get('access-control-allow-origin')
  expect(await allowed('/.well-known/oauth-authorization-server')).toBe('*')
  for (const path of ['/', '/api/me', '/sign-in', '/oauth/authorize', '/health'])
    expect(await allowed(path)).toBeNull()
})

test.each(['/', '/sign-in', '/none', '/oauth/authorize'])(
  '%s cannot be framed, and loads nothing from elsewhere',
  async (path) => {
    const { headers } = await fetch(`${app.url}${path}`)
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-powered-by')).toBeNull()
  },
)

test('the api client introspects the tokens of others, and service only its own', async () => {
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  const ask = (id: 'api' | 'service') =>
    postForm(
      `${app.url}/oauth/introspect`,
      { token: tokens.access },
      { client: { id, secret: demoSecrets[id] } },
    )
  expect((await ask('api')).body).toMatchObject({ active: true, sub: 'alice', client_id: 'trusted' })
  expect((await ask('service')).body).toEqual({ active: false })
})

test('GET /health is 503 while the store cannot be reached, and 200 again after', async () => {
  const storage = new MemoryStorage()
  const one = await runApp({ storage })
  const health = () => fetch(`${one.url}/health`)
  expect((await health()).status).toBe(200)
  const ping = jest.spyOn(storage, 'ping').mockRejectedValue(new StorageError('gone'))
  const down = await health()
  expect(down.status).toBe(503)
  expect(down.headers.get('retry-after')).toBe('1')
  expect(await down.json()).toEqual({ status: 'unavailable' })
  ping.mockRestore()
  expect((await health()).status).toBe(200)
  await one.close()
})

test('an outage is a 503 for every caller, not a bad token', async () => {
  const storage = new MemoryStorage()
  const find = storage.grants.find.bind(storage.grants)
  let down = false
  jest
    .spyOn(storage.grants, 'find')
    .mockImplementation((id) => (down ? Promise.reject(new StorageError('gone')) : find(id)))
  const one = await runApp({ storage })
  const { tokens } = await passwordGrant(one.url, demoSecrets.trusted)
  down = true
  const answer = await callApi(one.url, '/me', tokens.access)
  await one.close()
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).not.toBeNull()
  expect(answer.body['error']).toBe('temporarily_unavailable')
})
