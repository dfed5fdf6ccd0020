// JavaScript as ES modules, under Node's test runner: a refresh with the oldest and the newest of what the packages
// are installed beside.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { oauthErrorHandler, oauthRouter, requireToken } from '@oauth-ratchet/express'
import { MongooseStorage } from '@oauth-ratchet/mongoose'
import { RedisStorage } from '@oauth-ratchet/redis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'

const { OF_THE_RUN: ofTheRun, REDIS, MONGODB } = process.env

/** Signs in, refreshes twice in a row with one token, and asks the API before and after. */
async function turnOnce(storage, expressName) {
  const { default: express } = await import(expressName)
  const server = createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: ['mfhh82dxg1z3pnVL4qFM839r-CFu2ydhLpbKyPClE0pp81sZ'],
    storage,
    scopes: ['notes:read'],
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['refresh_token'],
        scope: 'notes:read',
      },
    ],
  })
  await server.ready()
  const app = express()
  app.use('/oauth', oauthRouter(server))
  app.get('/notes', requireToken(server), (req, res) => res.json([]))
  app.use(oauthErrorHandler())
  const listener = createServer(app).listen(0, '127.0.0.1')
  await new Promise((listening) => listener.once('listening', listening))
  const base = `http://127.0.0.1:${listener.address().port}`
  const { refresh_token } = await server.grants.issue({ clientId: 'app', subject: 'alice' })
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token })
  const refresh = () => fetch(`${base}/oauth/token`, { method: 'POST', body })
  const turned = await refresh()
  const { access_token } = await turned.json()
  const notes = () => fetch(`${base}/notes`, { headers: { authorization: `Bearer ${access_token}` } })
  const before = await notes()
  const replayed = await refresh()
  const after = await notes()
  listener.closeAllConnections()
  listener.close()
  await server.close()
  assert.deepEqual(
    [turned.status, before.status, replayed.status, after.status],
    [200, 200, 400, 401],
    'the token turns once, and its replay ends the grant',
  )
}

for (const name of ['express', 'express4'])
  test(`${name}: a refresh`, () => turnOnce(new MemoryStorage(), name))

test('better-sqlite3: a refresh', async () => {
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(':memory:')
  await turnOnce(new SqliteStorage({ database }), 'express')
  database.close()
})

for (const name of ['ioredis', 'ioredis5'])
  test(`${name}: a refresh`, async () => {
    const { default: Redis } = await import(name)
    const client = new Redis(REDIS)
    await turnOnce(new RedisStorage({ client, prefix: `${ofTheRun}:${name}:` }), 'express')
    client.disconnect()
  })

for (const name of ['mongoose', 'mongoose8'])
  test(`${name}: a refresh`, async () => {
    const { default: mongoose } = await import(name)
    const connection = await mongoose.createConnection(MONGODB, { dbName: `${ofTheRun}_${name}` }).asPromise()
    await turnOnce(new MongooseStorage({ connection }), 'express')
    await connection.dropDatabase()
    await connection.close()
  })
