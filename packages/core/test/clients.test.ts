import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import { Clock } from './setup/clock.js'

const start = new Clock().now()

function serverOn(storage: MemoryStorage, over: Partial<AuthorizationServerOptions> = {}) {
  const clock = new Clock()
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['a secret of more than thirty-two bytes, for tests'],
    storage,
    scopes: ['read', 'write'],
    now: clock.now,
    ...over,
  })
  const token = async (form: Record<string, string>) => {
    const { status, body } = await server.endpoints.token({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      query: '',
      body: Buffer.from(new URLSearchParams(form).toString()),
    })
    return { status, body: JSON.parse(body) as Record<string, unknown> }
  }
  const machine = (client: { client_id: string; client_secret?: string }) =>
    token({
      grant_type: 'client_credentials',
      client_id: client.client_id,
      client_secret: client.client_secret ?? '',
    })
  return { server, clock, token, machine }
}

const machineMetadata = { grant_types: ['client_credentials'], scope: 'read' }

test('a client is registered, its secret is shown once, works, and is stored as a hash only', async () => {
  const storage = new MemoryStorage()
  const { server, machine } = serverOn(storage)

  const created = await server.clients.create({ ...machineMetadata, client_name: 'Machine' })

  expect(created).toMatchObject({ client_name: 'Machine', client_secret_expires_at: 0 })
  expect(created.client_id_issued_at).toBe(start / 1000)
  expect(created.client_secret).toMatch(/^[\w-]{43}$/)
  expect(await machine(created)).toMatchObject({ status: 200 })
  expect(await server.clients.get(created.client_id)).not.toHaveProperty('client_secret')
  const stored = await storage.clients.list({ limit: 10 })
  expect(JSON.stringify(stored)).not.toContain(created.client_secret)
})

test('a public client has no secret, and grants are issued for it', async () => {
  const { server } = serverOn(new MemoryStorage())
  const created = await server.clients.create({
    client_id: 'app',
    token_endpoint_auth_method: 'none',
    grant_types: ['refresh_token'],
    scope: 'read',
  })
  expect(created).not.toHaveProperty('client_secret')
  const tokens = await server.grants.issue({ clientId: 'app', subject: 'u1' })
  expect(await server.tokens.verify(tokens.access_token)).toMatchObject({ clientId: 'app', subject: 'u1' })
  await expect(server.clients.rotateSecret('app')).rejects.toThrow(RangeError)
})

test('bad metadata and a taken client_id are refused, configured ids too', async () => {
  const { server } = serverOn(new MemoryStorage(), {
    clients: [{ client_id: 'here', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
  })
  await server.clients.create({ client_id: 'one', ...machineMetadata })
  await expect(server.clients.create({ client_id: 'one', ...machineMetadata })).rejects.toThrow(RangeError)
  await expect(server.clients.create({ client_id: 'here', ...machineMetadata })).rejects.toThrow(RangeError)
  await expect(server.clients.create({ redirect_uris: ['javascript:alert(1)'] })).rejects.toMatchObject({
    code: 'clients.redirect_uris',
  })
})

test('a secret is rotated with an overlap, after which the old one is dead', async () => {
  const { server, clock, machine } = serverOn(new MemoryStorage())
  const first = await server.clients.create(machineMetadata)

  const second = await server.clients.rotateSecret(first.client_id, { overlap: 60 })

  expect(await machine(first)).toMatchObject({ status: 200 })
  expect(await machine(second as never)).toMatchObject({ status: 200 })
  clock.advance(61)
  expect(await machine(first)).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
  expect(await machine(second as never)).toMatchObject({ status: 200 })
})

test('without an overlap the old secret is dead at once', async () => {
  const { server, machine } = serverOn(new MemoryStorage())
  const first = await server.clients.create(machineMetadata)
  await server.clients.rotateSecret(first.client_id)
  expect(await machine(first)).toMatchObject({ status: 400 })
})

test('a disabled or removed client is invalid_client, and put back it works', async () => {
  const { server, machine } = serverOn(new MemoryStorage())
  const client = await server.clients.create(machineMetadata)
  const { body } = await machine(client)
  const accessToken = String(body['access_token'])

  await server.clients.disable(client.client_id)
  expect(await machine(client)).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
  await expect(server.tokens.verify(accessToken)).rejects.toMatchObject({ code: 'invalid_token' })

  await server.clients.disable(client.client_id, false)
  expect(await machine(client)).toMatchObject({ status: 200 })
  expect(await server.tokens.verify(accessToken)).toMatchObject({ clientId: client.client_id })

  expect(await server.clients.remove(client.client_id)).toBe(true)
  expect(await server.clients.remove(client.client_id)).toBe(false)
  expect(await machine(client)).toMatchObject({ status: 400 })
})

test('another process sees a change within 5 seconds', async () => {
  const storage = new MemoryStorage()
  const here = serverOn(storage)
  const there = serverOn(storage)
  const client = await here.server.clients.create(machineMetadata)
  expect(await there.machine(client)).toMatchObject({ status: 200 })

  await here.server.clients.disable(client.client_id)

  expect(await here.machine(client)).toMatchObject({ status: 400 })
  there.clock.advance(5.001)
  expect(await there.machine(client)).toMatchObject({ status: 400 })
})

test('of concurrent updates none is lost', async () => {
  const { server } = serverOn(new MemoryStorage())
  const { client_id } = await server.clients.create(machineMetadata)
  const names = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(names.map((name) => server.clients.update(client_id, { [`x_${name}`]: name })))
  expect(await server.clients.get(client_id)).toMatchObject({
    x_a: 'a',
    x_b: 'b',
    x_c: 'c',
    x_d: 'd',
    x_e: 'e',
  })
})

test('clients are listed by id, and each realm sees its own', async () => {
  const storage = new MemoryStorage()
  const { server } = serverOn(storage)
  const other = serverOn(storage, { realm: 'other' })
  for (const client_id of ['b', 'a']) await server.clients.create({ client_id, ...machineMetadata })
  await other.server.clients.create({ client_id: 'a', ...machineMetadata })
  expect((await server.clients.list()).map((client) => client.client_id)).toEqual(['a', 'b'])
  expect((await other.server.clients.list()).map((client) => client.client_id)).toEqual(['a'])
})

test('revokeAll of a stored client ends its grants, also for a process that walks nothing', async () => {
  const storage = new MemoryStorage()
  const { server, clock } = serverOn(storage)
  await server.clients.create({
    client_id: 'app',
    token_endpoint_auth_method: 'none',
    grant_types: ['refresh_token'],
    scope: 'read',
  })
  const tokens = await server.grants.issue({ clientId: 'app', subject: 'u1' })
  clock.advance(1)

  expect(await server.grants.revokeAll({ clientId: 'app' })).toBe(1)

  expect(await server.clients.get('app')).toMatchObject({ grants_not_before: start / 1000 + 1 })
  const refreshed = server.tokens.refresh({ clientId: 'app', refreshToken: tokens.refresh_token ?? '' })
  await expect(refreshed).rejects.toMatchObject({ code: 'invalid_grant' })
})

test('a client that has become public has no secret to rotate', async () => {
  const { server } = serverOn(new MemoryStorage())
  const { client_id } = await server.clients.create({ ...machineMetadata, grant_types: ['refresh_token'] })
  await server.clients.update(client_id, { token_endpoint_auth_method: 'none' })

  await expect(server.clients.rotateSecret(client_id)).rejects.toThrow(RangeError)
})

test('an overlap without an end is refused: JSON would make of it one that has ended', async () => {
  const { server, machine } = serverOn(new MemoryStorage())
  const created = await server.clients.create(machineMetadata)

  const rotating = server.clients.rotateSecret(created.client_id, { overlap: Number.POSITIVE_INFINITY })

  await expect(rotating).rejects.toThrow(RangeError)
  expect(await machine(created)).toMatchObject({ status: 200 })
})

test('a client of the configuration is not changed here, and whoever tries is told', async () => {
  const configured = { client_id: 'app', token_endpoint_auth_method: 'none', grant_types: [] } as const
  const { server } = serverOn(new MemoryStorage(), { clients: [configured] })

  await expect(server.clients.disable('app')).rejects.toThrow('one of the configuration')
  await expect(server.clients.update('app', { client_name: 'x' })).rejects.toThrow(RangeError)
  await expect(server.clients.rotateSecret('app')).rejects.toThrow(RangeError)
})

test('a token of the very second in which the client’s tokens were ended is good', async () => {
  const { server, clock, machine } = serverOn(new MemoryStorage())
  const created = await server.clients.create(machineMetadata)
  clock.advance(0.5)
  const ended = (await machine(created)).body['access_token'] as string
  await server.grants.revokeAll({ clientId: created.client_id })
  clock.advance(0.3)

  const begun = (await machine(created)).body['access_token'] as string

  await expect(server.tokens.verify(ended)).rejects.toMatchObject({ code: 'invalid_token' })
  await expect(server.tokens.verify(begun)).resolves.toMatchObject({ clientId: created.client_id })
})

test('an outage is an OAuthError with status 503, as everywhere', async () => {
  const storage = new MemoryStorage()
  jest.spyOn(storage.clients, 'find').mockRejectedValue(new Error('ECONNREFUSED'))
  jest.spyOn(storage.clients, 'list').mockRejectedValue(new Error('ECONNREFUSED'))
  const { server } = serverOn(storage)
  const failed = jest.fn()
  server.on('request.failed', failed)

  for (const call of [server.clients.get('x'), server.clients.list(), server.clients.disable('x')]) {
    await expect(call).rejects.toMatchObject({ name: 'OAuthError', status: 503, retryAfter: 1 })
  }
  expect(failed).toHaveBeenCalledTimes(3)
})

test('an end that lies ahead, as of a host whose clock is fast, makes no token older than its own lifetime', async () => {
  const { server, clock, machine } = serverOn(new MemoryStorage(), { grantsNotBefore: start / 1000 + 3600 })
  const created = await server.clients.create(machineMetadata)

  const { status, body } = await machine(created)

  expect(status).toBe(200)
  expect(body['expires_in']).toBe(900)
  await expect(server.tokens.verify(body['access_token'] as string)).rejects.toMatchObject({ status: 401 })
  clock.advance(3600)
  expect((await machine(created)).body['expires_in']).toBe(900)
})
