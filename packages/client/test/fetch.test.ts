import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@oauth-ratchet/client'
import { startService } from './setup/service'
import type { Service } from './setup/service'
import { closeTabs, openTab } from './setup/tabs'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(async () => {
  closeTabs()
  await service.close()
})

/** A server elsewhere that notes the Authorization headers it gets. */
async function elsewhere(): Promise<{ origin: string; seen: (string | undefined)[]; http: Server }> {
  const seen: (string | undefined)[] = []
  const http = createServer((req, res) => {
    seen.push(req.headers.authorization)
    res.writeHead(req.url === '/home' ? 302 : 401, { location: service.api }).end()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, seen, http }
}

async function signedIn(options: Partial<Parameters<typeof openTab>[0]> = {}) {
  const tab = openTab({ issuer: service.issuer, ...options })
  const tokens = await service.signedIn()
  await tab.client.adopt(tokens)
  return { ...tab, tokens }
}

test('an origin that is not named in resources never sees the token, and its 401 refreshes nothing', async () => {
  const { origin, seen, http } = await elsewhere()
  const { client } = await signedIn()

  const { status } = await client.fetch(`${origin}/other`)

  expect(status).toBe(401)
  expect(seen).toEqual([undefined])
  expect(service.refreshes).toHaveLength(0)
  http.close()
})

test('the token does not follow a redirect to another origin', async () => {
  const { origin, seen, http } = await elsewhere()
  const away = createServer((_req, res) => res.writeHead(302, { location: `${origin}/landed` }).end())
  await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve))
  const allowed = `http://127.0.0.1:${(away.address() as AddressInfo).port}`
  const redirected = createClient({ clientId: 'app', issuer: service.issuer, resources: [allowed] })
  await redirected.adopt(await service.signedIn())

  const response = await redirected.fetch(`${allowed}/start`)

  expect(response.status).toBe(401)
  expect(seen).toEqual([undefined])
  expect(service.refreshes).toHaveLength(0)
  redirected.close()
  http.close()
  away.close()
})

test('a request with an Authorization header of its own goes out as it is', async () => {
  const { client } = await signedIn()

  const { status } = await client.fetch(service.api, { headers: { authorization: 'Bearer of-my-own' } })

  expect(status).toBe(401)
  expect(service.refreshes).toHaveLength(0)
})

test.each([
  ['text', () => ({ body: 'text' })],
  ['a form', () => ({ body: new URLSearchParams({ a: '1' }) })],
  ['bytes', () => ({ body: new Uint8Array([1, 2]) })],
  ['a blob', () => ({ body: new Blob(['x']) })],
])('%s is sent again after a refresh', async (_name, body) => {
  const { client, tokens } = await signedIn()
  service.refused.add(tokens.access_token)

  const { status } = await client.fetch(service.api, { method: 'POST', ...body() })

  expect(status).toBe(200)
})

test('a Request with a body is sent again after a refresh', async () => {
  const { client, tokens } = await signedIn()
  service.refused.add(tokens.access_token)

  const { status } = await client.fetch(new Request(service.api, { method: 'POST', body: 'text' }))

  expect(status).toBe(200)
})

test('a stream is not sent again: the error says so, and the next request has the new token', async () => {
  const { client, tokens } = await signedIn()
  service.refused.add(tokens.access_token)
  const body = new Blob(['x']).stream()
  const init = { method: 'POST', body, duplex: 'half' }

  const sent = client.fetch(service.api, init)

  await expect(sent).rejects.toMatchObject({ code: 'body_not_replayable' })
  await expect(client.fetch(service.api).then(({ status }) => status)).resolves.toBe(200)
  expect(service.refreshes).toHaveLength(1)
})

test('a caller that aborts stops waiting, and the refresh goes on for the others', async () => {
  const { client, tokens } = await signedIn()
  service.refused.add(tokens.access_token)
  service.forecast.push('lost-answer')
  const controller = new AbortController()
  client.on('retrying', () => controller.abort(new Error('left the page')))

  const [aborted, other] = await Promise.allSettled([
    client.fetch(service.api, { signal: controller.signal }),
    client.fetch(service.api),
  ])

  expect(aborted).toMatchObject({ status: 'rejected', reason: { message: 'left the page' } })
  expect(other).toMatchObject({ status: 'fulfilled', value: { status: 200 } })
})

test('nobody signed in: the request goes out without a token', async () => {
  const { client } = openTab({ issuer: service.issuer })

  await expect(client.fetch(service.api).then(({ status }) => status)).resolves.toBe(401)
  expect(service.refreshes).toHaveLength(0)
})
