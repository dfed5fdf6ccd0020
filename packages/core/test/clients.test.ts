import { EventEmitter, once } from 'node:events'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, Storage } from '@oauth-ratchet/core'
import { Clock } from './setup/clock.js'
import { CountingStorage } from './setup/counting-storage.js'
import { interceptedStorage } from './setup/intercepted-storage.js'

const start = new Clock().now()

function serverOn(storage: Storage, over: Partial<AuthorizationServerOptions> = {}) {
  const clock = new Clock()
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['mfhh82dxg1z3pnVL4qFM839r-CFu2ydhLpbKyPClE0pp81sZ'],
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

test('a client that moves in keeps its secret: it works, is stored as a hash only, and is not shown', async () => {
  const storage = new MemoryStorage()
  const { server, machine } = serverOn(storage)
  const secret = 'kR3vQd8uXz1LwT6yB9mNc4pHs7jFa2gE5oVi0rUxKtY'

  const created = await server.clients.create({ client_id: 'm', ...machineMetadata }, { secret })

  expect(created).not.toHaveProperty('client_secret')
  expect(await machine({ client_id: 'm', client_secret: secret })).toMatchObject({ status: 200 })
  const stored = await storage.clients.list({ limit: 10 })
  expect(JSON.stringify(stored)).not.toContain(secret)
  const next = await server.clients.rotateSecret('m', { overlap: 60 })
  for (const each of [secret, next?.client_secret ?? '']) {
    expect(await machine({ client_id: 'm', client_secret: each })).toMatchObject({ status: 200 })
  }
})

test('one that can be guessed is a warning, and guesses at it are stopped even before it is right', async () => {
  const { server, machine } = serverOn(new MemoryStorage(), { throttle: { attempts: 2 } })
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})

  await server.clients.create({ client_id: 'm', ...machineMetadata }, { secret: 'geheim' })

  expect(warn).toHaveBeenCalledWith(
    expect.stringContaining('client m'),
    expect.objectContaining({ code: 'OAUTH_RATCHET_WEAK_SECRET' }),
  )
  warn.mockRestore()
  for (const wrong of ['a', 'b', 'c']) await machine({ client_id: 'm', client_secret: wrong })
  expect(await machine({ client_id: 'm', client_secret: 'geheim' })).toMatchObject({ status: 429 })
})

test.each([
  ['with a line break at its end', { secret: 'geheim\n' }, machineMetadata],
  ['of a public client', { secret: 'geheim' }, { token_endpoint_auth_method: 'none', grant_types: [] }],
] as const)('a secret %s is refused, and nothing is registered', async (_case, options, metadata) => {
  const { server } = serverOn(new MemoryStorage())
  await expect(server.clients.create({ client_id: 'm', ...metadata }, options)).rejects.toMatchObject({
    code: 'clients.client_secret',
  })
  expect(await server.clients.list()).toEqual([])
})

test('a secret that comes with the metadata is not taken, not kept and not shown', async () => {
  const storage = new MemoryStorage()
  const { server, machine } = serverOn(storage)
  const own = 'a secret that somebody has made up: it is not ours'
  const withSecret = { ...machineMetadata, client_id: 'm', client_secret: own }

  const created = await server.clients.create(withSecret)
  const updated = await server.clients.update('m', withSecret)

  expect(created.client_secret).not.toBe(own)
  expect(await machine({ client_id: 'm', client_secret: own })).toMatchObject({ status: 400 })
  expect(await machine(created)).toMatchObject({ status: 200 })
  expect(updated).not.toHaveProperty('client_secret')
  expect(JSON.stringify(await storage.clients.list({ limit: 10 }))).not.toContain(own)
})

test('an update keeps the client_id, whatever it says, and refuses what cannot work', async () => {
  const { server } = serverOn(new MemoryStorage())
  await server.clients.create({ client_id: 'm', ...machineMetadata })
  const before = await server.clients.get('m')

  expect(await server.clients.update('m', { client_id: 'n' })).toEqual(before)
  await expect(server.clients.update('m', { redirect_uris: ['javascript:x'] })).rejects.toMatchObject({
    code: 'clients.redirect_uris',
  })

  expect(await server.clients.get('m')).toEqual(before)
  expect(await server.clients.get('n')).toBeUndefined()
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
  clock.advance(59.999)
  expect(await machine(first)).toMatchObject({ status: 200 })
  clock.advance(0.001)
  expect(await machine(first)).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
  expect(await machine(second as never)).toMatchObject({ status: 200 })
})

test('a later rotation prolongs no secret that was to end before', async () => {
  const { server, clock, machine } = serverOn(new MemoryStorage())
  const first = await server.clients.create(machineMetadata)
  const second = await server.clients.rotateSecret(first.client_id, { overlap: 60 })

  await server.clients.rotateSecret(first.client_id, { overlap: 3600 })

  clock.advance(60)
  expect(await machine(first)).toMatchObject({ status: 400 })
  expect(await machine(second as never)).toMatchObject({ status: 200 })
})

test('without an overlap the old secret is dead at once, and nothing of it is kept', async () => {
  const storage = new MemoryStorage()
  const { server, machine } = serverOn(storage)
  const first = await server.clients.create(machineMetadata)
  await server.clients.rotateSecret(first.client_id)
  expect(await machine(first)).toMatchObject({ status: 400 })
  const { clients } = await storage.clients.list({ limit: 10 })
  expect(clients.map(({ data }) => (JSON.parse(data) as { secrets: unknown[] }).secrets.length)).toEqual([1])
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

test('a clock that is put back does not make a client believed for longer', async () => {
  const storage = new MemoryStorage()
  const [here, there] = [serverOn(storage), serverOn(storage)]
  const client = await here.server.clients.create(machineMetadata)
  await there.machine(client)
  await here.server.clients.disable(client.client_id)

  there.clock.advance(-3600)

  expect(await there.machine(client)).toMatchObject({ status: 400 })
})

test('what was read while a change was being made is not remembered: it may be from before', async () => {
  let isHeld = false
  const gate = new EventEmitter()
  const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
    const answer = await proceed()
    if (name !== 'clients.find' || !isHeld) return answer
    isHeld = false
    gate.emit('read')
    await once(gate, 'answer')
    return answer
  })
  const { server, machine } = serverOn(storage)
  const client = await server.clients.create(machineMetadata)
  isHeld = true
  const hasRead = once(gate, 'read')
  const meanwhile = machine(client)
  await hasRead
  await server.clients.disable(client.client_id)
  gate.emit('answer')
  await meanwhile

  expect(await machine(client)).toMatchObject({ status: 400 })
})

test('the thousand clients used last are remembered and no more: names that nobody has fill no memory', async () => {
  const counting = new CountingStorage()
  const { server, machine } = serverOn(counting.storage)
  const client = await server.clients.create(machineMetadata)
  const ask = () => counting.during(() => machine(client))
  await ask()
  for (let other = 1; other < 1000; other++) await machine({ client_id: `nobody-${other}` })
  expect(await ask()).toEqual([])

  for (let other = 1000; other < 2000; other++) await machine({ client_id: `nobody-${other}` })

  expect(await ask()).toEqual(['clients.find'])
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

test('revokeAll of a part of a stored client’s grants leaves the others, and grants_not_before, alone', async () => {
  const { server, clock } = serverOn(new MemoryStorage())
  await server.clients.create({
    client_id: 'app',
    token_endpoint_auth_method: 'none',
    grant_types: ['refresh_token'],
    scope: 'read',
  })
  const [one, other] = [
    await server.grants.issue({ clientId: 'app', subject: 'u1', session: 's1' }),
    await server.grants.issue({ clientId: 'app', subject: 'u1', session: 's2' }),
  ]
  clock.advance(1)

  expect(await server.grants.revokeAll({ clientId: 'app', session: 's1' })).toBe(1)

  expect(await server.clients.get('app')).not.toHaveProperty('grants_not_before')
  await expect(server.tokens.verify(one.access_token)).rejects.toMatchObject({ code: 'invalid_token' })
  await expect(server.tokens.verify(other.access_token)).resolves.toMatchObject({ subject: 'u1' })
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

test('clients come page by page, by client_id, and each once', async () => {
  const { server } = serverOn(new MemoryStorage())
  for (const client_id of ['d', 'b', 'e', 'a', 'c'])
    await server.clients.create({ client_id, ...machineMetadata })

  const first = await server.clients.page({ limit: 3 })
  const second = await server.clients.page({ limit: 3, cursor: first.cursor ?? '' })

  const idsOf = (page: typeof first) => page.clients.map(({ client_id }) => client_id)
  expect([idsOf(first), idsOf(second), second.cursor]).toEqual([['a', 'b', 'c'], ['d', 'e'], undefined])
  await expect(server.clients.page({ cursor: 'made-up' })).rejects.toMatchObject({ name: 'CursorError' })
  for (const limit of [0, 501, 1.5]) await expect(server.clients.page({ limit })).rejects.toThrow(RangeError)
})

test('a page has a client as long as there is one, whatever another realm has in the storage', async () => {
  const storage = new MemoryStorage()
  const [one, other] = [serverOn(storage), serverOn(storage, { realm: 'another' })]
  for (let count = 0; count < 20; count++) {
    await one.server.clients.create(machineMetadata)
    await other.server.clients.create(machineMetadata)
  }
  for (const { server } of [one, other]) {
    const ids = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await server.clients.page({ limit: 3, ...(cursor !== undefined && { cursor }) })
      for (const { client_id } of page.clients) ids.add(client_id)
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(ids.size).toBe(20)
  }
})

test('a client of the configuration is not taken away here, and whoever tries is told', async () => {
  const storage = new MemoryStorage()
  await serverOn(storage).server.clients.create({ client_id: 'app', ...machineMetadata })
  const configured = { client_id: 'app', token_endpoint_auth_method: 'none', grant_types: [] } as const
  const { server } = serverOn(storage, { clients: [configured] })

  // The stored one, which the configuration hides, can be.
  expect(await server.clients.remove('app')).toBe(true)
  await expect(server.clients.remove('app')).rejects.toMatchObject({
    name: 'ClientChangeError',
    problem: 'configured',
  })
  expect(await server.clients.remove('nobody')).toBe(false)
})

test('an id that no client can have is not asked of the storage', async () => {
  const storage = new CountingStorage(new MemoryStorage())
  const { server } = serverOn(storage.storage)
  const before = storage.calls.length
  for (const id of ['', 'a\u0000b', 'é', 'x'.repeat(256)]) {
    expect(await server.clients.get(id)).toBeUndefined()
    expect(await server.clients.update(id, { client_name: 'x' })).toBeUndefined()
    expect(await server.clients.remove(id)).toBe(false)
  }
  expect(storage.calls.slice(before)).toEqual([])
})

test.each(['client_name', 'client_uri'])('a %s that is no text is refused', async (member) => {
  const { server } = serverOn(new MemoryStorage())
  const metadata = { ...machineMetadata, [member]: { text: 'x' } as never }
  await expect(server.clients.create(metadata)).rejects.toMatchObject({ code: `clients.${member}` })
})
