import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { ServerEvents } from '@oauth-ratchet/core'

const damages: [string, (data: string) => string][] = [
  ['is cut off', (data) => data.slice(0, -5)],
  ['is empty', () => ''],
  ['is no object', () => 'null'],
  ['has no secrets', (data) => data.replace('"secrets"', '"secret"')],
  ['has a secret without a hash', (data) => data.replace('"hash"', '"hush"')],
  ['is of another client', (data) => data.replace('"b"', '"c"')],
]

describe.each(damages)('a client record that %s', (_what, damage) => {
  const setting = async () => {
    const storage = new MemoryStorage()
    const server = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      secrets: ['mfhh82dxg1z3pnVL4qFM839r-CFu2ydhLpbKyPClE0pp81sZ'],
      storage,
      scopes: ['read'],
    })
    for (const client_id of ['a', 'b', 'c']) {
      await server.clients.create({ client_id, grant_types: ['client_credentials'], scope: 'read' })
    }
    const { clients } = await storage.clients.list({ limit: 10 })
    const record = clients.find(({ id }) => id.endsWith(':b'))
    if (record === undefined) throw new Error('There is no client b.')
    const { id, revision } = record
    await storage.clients.save({ id, revision: revision + 1, data: damage(record.data) }, revision)
    const failures: ServerEvents['request.failed'][] = []
    server.on('request.failed', (event) => failures.push(event))
    return { server, failures }
  }

  test('hides no others: lists leave it out, and name it in one fault', async () => {
    const { server, failures } = await setting()

    expect((await server.clients.list()).map((client) => client.client_id)).toEqual(['a', 'c'])
    expect(failures).toMatchObject([{ phase: 'storage', error: { message: expect.stringMatching(/: b$/) } }])

    const first = await server.clients.page({ limit: 1 })
    expect(first.clients).toMatchObject([{ client_id: 'a' }])
    const second = await server.clients.page({ limit: 1, cursor: first.cursor ?? '' })
    expect(second.clients).toMatchObject([{ client_id: 'c' }])
    expect(failures).toHaveLength(2)
  })

  test('is a fault of the server for who asks for that client, and can be removed', async () => {
    const { server, failures } = await setting()

    const outage = { status: 503, code: 'temporarily_unavailable' }
    await expect(server.clients.get('b')).rejects.toMatchObject(outage)
    await expect(server.clients.disable('b')).rejects.toMatchObject(outage)
    await expect(server.grants.issue({ clientId: 'b', subject: 'u1' })).rejects.toMatchObject(outage)
    expect(failures).toHaveLength(3)

    expect(await server.clients.remove('b')).toBe(true)
    expect(await server.clients.get('b')).toBeUndefined()
  })
})
