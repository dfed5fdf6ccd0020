import { createAuthorizationServer } from '@oauth-ratchet/core'
import { ENGINE_TIMEOUT_MS, sharedMongo, startTcpProxy, waitUntil } from '@oauth-ratchet/engines'
import type { TcpProxy } from '@oauth-ratchet/engines'
import mongoose from 'mongoose'

import { MongooseStorage } from '../src/index.js'
import { refreshed, startApp } from './setup/app.js'
import type { App } from './setup/app.js'
import { addressOf, directUrl } from './setup/private-engine.js'

const { connected: CONNECTED, disconnected: DISCONNECTED } = mongoose.ConnectionStates
const OUTAGE = { status: 503, error: 'temporarily_unavailable' }

let proxy: TcpProxy

beforeAll(async () => {
  proxy = await startTcpProxy(await addressOf((await sharedMongo()).url))
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  await proxy.stop()
})

describe('a connection that was never opened', () => {
  it('is refused by init in words that say what to do', async () => {
    const storage = new MongooseStorage({ connection: mongoose.createConnection() })
    await expect(storage.init()).rejects.toMatchObject({
      name: 'StorageError',
      outcome: 'not_applied',
      message: expect.stringContaining('await mongoose.connect()') as string,
    })
    await expect(storage.ping()).rejects.toMatchObject({ outcome: 'not_applied' })
  })

  it('is an outage to clients, at once', async () => {
    const server = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      secrets: ['hlVXvcadDS4QzWl3GUH7PfGoWRE0LBSZEdqMwn2_ig5Ca9aE'],
      clients: [],
      scopes: [],
      storageTimeout: 300,
      storage: new MongooseStorage({ connection: mongoose.createConnection() }),
    })
    server.on('request.failed', () => undefined)
    await expect(server.grants.list({ subject: 'alice' })).rejects.toMatchObject({
      status: 503,
      cause: { outcome: 'not_applied' },
    })
    await server.close()
  })
})

describe('a connection that is lost', () => {
  let app: App
  let first: string

  async function lose(
    heartbeatFrequencyMS: number,
    timeouts: { server: number; storage: number },
  ): Promise<void> {
    app = await startApp({
      url: directUrl(proxy),
      connect: { heartbeatFrequencyMS },
      server: { storageTimeout: timeouts.server },
      timeoutMs: timeouts.storage,
    })
    first = await app.signIn()
    await proxy.refuse()
  }

  afterEach(async () => {
    await app.connection.dropDatabase()
    await app.stop()
  })

  it(
    'is an outage at once, nothing is kept for later, and afterwards the same token works',
    async () => {
      // A call that waited for the server would wait past the end of this test.
      await lose(500, { server: 300, storage: 300_000 })
      await waitUntil('the connection is lost', () => app.connection.readyState === DISCONNECTED)
      expect(await app.refresh(first)).toEqual(OUTAGE)
      await expect(app.storage.grants.find('any')).rejects.toMatchObject({ outcome: 'not_applied' })
      await expect(app.storage.values.isMarked('any', 0)).rejects.toMatchObject({ outcome: 'not_applied' })
      await expect(app.storage.clients.find('any')).rejects.toMatchObject({ outcome: 'not_applied' })
      await proxy.accept()
      await app.connected()
      refreshed(await app.refresh(first))
      expect(app.alarms).toEqual([])
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'is looked for as soon as someone asks, and not when the driver would look by itself',
    async () => {
      await lose(300_000, { server: 1, storage: 500 })
      let lookedAt = performance.now()
      app.connection.getClient().on('serverHeartbeatStarted', () => {
        lookedAt = performance.now()
      })
      expect(await app.refresh(first)).toEqual(OUTAGE)
      expect(app.connection.readyState).toBe(DISCONNECTED)
      // As long as a call waits for the server, the driver looks for it twice a second.
      await waitUntil('the driver looks no more', () => performance.now() > lookedAt + 1500)
      await proxy.accept()
      await waitUntil('a refresh is answered', async () => (await app.refresh(first)).status === 200)
    },
    ENGINE_TIMEOUT_MS,
  )
})

it('a connection that the app has closed is not opened again', async () => {
  const { connection, storage, server } = await startApp({ url: (await sharedMongo()).url })
  await connection.dropDatabase()
  await connection.close()
  await expect(storage.grants.find('any')).rejects.toMatchObject({ outcome: 'not_applied' })
  await expect(storage.ping()).rejects.toMatchObject({ outcome: 'not_applied' })
  expect(connection.readyState).toBe(DISCONNECTED)
  await server.close()
})

it('close() leaves the connection as it is', async () => {
  const app = await startApp({ url: (await sharedMongo()).url })
  await app.storage.close()
  await app.server.close()
  expect(app.connection.readyState).toBe(CONNECTED)
  await app.connection.dropDatabase()
  await app.connection.close()
})
