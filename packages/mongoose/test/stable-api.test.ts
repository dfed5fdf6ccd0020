import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'

import { refreshed, startApp } from './setup/app.js'

it(
  'a connection that is kept to version 1 of the stable API can do everything that the storage does',
  async () => {
    const { url } = await sharedMongo()
    const serverApi = { version: '1', strict: true, deprecationErrors: true } as const
    const app = await startApp({ url, connect: { serverApi } })
    await app.storage.ping()
    const token = refreshed(await app.refresh(await app.signIn()))
    expect(await app.server.grants.list({ subject: 'alice' })).toHaveLength(1)
    expect((await app.storage.grants.scan({ limit: 10 })).grants).toHaveLength(1)
    await app.storage.values.mark('seen', 'owner', Date.now() + 60_000, Date.now())
    expect(await app.storage.clients.list({ limit: 10 })).toMatchObject({ clients: [] })
    await app.server.grants.revokeAll({ subject: 'alice' })
    expect(await app.refresh(token)).toMatchObject({ error: 'invalid_grant' })
    await app.connection.dropDatabase()
    await app.stop()
  },
  ENGINE_TIMEOUT_MS,
)
