import { adminHandler } from '@oauth-ratchet/http'
import type { AdminHandlerOptions } from '@oauth-ratchet/http'
import { clientCredentials, makeServer, serviceSecret } from './setup/authorization-server.js'
import { answerOf, postForm } from './setup/http-client.js'
import { closeAll, listening } from './setup/listening.js'

afterEach(closeAll)

const path = '/operators/oauth'
const machine = { client_id: 'm', grant_types: ['client_credentials'], scope: 'read' }

/** A plain server of Node's with the handler in front. */
async function start(options: Partial<AdminHandlerOptions> = {}) {
  const server = makeServer({
    scopes: ['read', 'admin'],
    clients: [
      {
        client_id: 'service',
        client_secret: serviceSecret,
        grant_types: ['client_credentials'],
        scope: 'admin',
      },
      { client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'], scope: 'read' },
    ],
  })
  const by: unknown[] = []
  server.on('client.changed', (event) => by.push(event.by))
  server.on('grant.revoked', (event) => by.push(event.by))
  const admin = adminHandler(server, { path, ...options })
  const url = await listening((req, res) => {
    if (req.url === '/oauth/token') {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const { method = '', headers } = req
        void server.endpoints
          .token({ method, headers, query: '', body: Buffer.concat(chunks) })
          .then(({ status, headers: sent, body }) => res.writeHead(status, sent).end(body))
      })
    } else admin(req, res, () => res.writeHead(404).end('the app'))
  })
  const call = async (method: string, below: string, headers: Record<string, string>, body?: object) =>
    answerOf(
      await fetch(`${url}${path}${below}`, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
  return { server, url, call, by }
}

test('grants and clients are administrated with a service’s access token, without Express', async () => {
  const { server, url, call, by } = await start()
  const { body } = await postForm(`${url}/oauth/token`, clientCredentials)
  const token = { authorization: `Bearer ${String(body['access_token'])}` }
  await server.grants.issue({ clientId: 'app', subject: 'alice' })
  await server.grants.issue({ clientId: 'app', subject: 'alice' })

  const { grants } = (await call('GET', '/grants?subject=alice', token)).body as { grants: { id: string }[] }
  expect(grants).toHaveLength(2)
  expect((await call('DELETE', `/grants/${grants[0]?.id}`, token)).body).toEqual({ ended: 1 })
  expect((await call('DELETE', '/grants?subject=alice', token)).body).toEqual({ ended: 1 })
  expect((await call('POST', '/clients', token, machine)).status).toBe(201)
  expect((await call('PATCH', '/clients/m', token, { client_name: 'M' })).body).toMatchObject({
    client_name: 'M',
  })
  expect((await call('POST', '/clients/m/secret', token)).body).toHaveProperty('client_secret')
  expect((await call('DELETE', '/clients/m', token)).body).toEqual({ removed: 1 })
  expect((await call('GET', '/clients', token)).body).toEqual({ clients: [] })
  expect(by).toEqual(Array(6).fill('client:service'))
  expect((await call('GET', '/clients', {})).status).toBe(401)
})

test('with the app’s own session a write of another origin changes nothing', async () => {
  const { server, url, call, by } = await start({ admin: () => ({ by: 'jane' }) })
  expect((await call('POST', '/clients', { origin: 'https://evil.example' }, machine)).status).toBe(403)
  expect(await server.clients.list()).toEqual([])
  expect((await call('POST', '/clients', { origin: url }, machine)).status).toBe(201)
  expect(by).toEqual(['jane'])
})

test('an app that has answered itself is not answered for', async () => {
  const { call } = await start({ admin: (_req, res) => void res.writeHead(418).end('{}') })
  expect((await call('GET', '/clients', {})).status).toBe(418)
})

test('everything else is the app’s', async () => {
  const { url } = await start()
  for (const other of [path, `${path}/`, `${path}/users`, `${path}/grants/a/b`, `${path}-of-others/grants`]) {
    expect(await answerOf(await fetch(`${url}${other}`))).toMatchObject({ status: 404, text: 'the app' })
  }
})

test.each<[string, object]>([
  ['http.path', { path: 'operators' }],
  ['http.path', { path: undefined }],
  ['http.admin', { admin: 'jane' }],
  ['http.unknown_option', { paths: path }],
])('%s is thrown for %p', async (code, options) => {
  await expect(start(options)).rejects.toMatchObject({ code })
})
