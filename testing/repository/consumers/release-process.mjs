// One process of an authorization server with two storages, as an app of users would have it: `/redis` and `/sqlite`. It takes the
// packages that are found from where this file is: of the workspace, or of an older release beside a copy of it.
import { createAuthorizationServer } from '@oauth-ratchet/core'
import { oauthRouter, requireToken } from '@oauth-ratchet/express'
import { RedisStorage } from '@oauth-ratchet/redis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import express from 'express'
import { Redis } from 'ioredis'

const { REDIS_URL, PREFIX, SQLITE_FILE, SECRET } = process.env
// Whoever the request says is signed in, and consents to all.
const signIn = (req) => ({ subject: String(req.headers['x-user']) })
const consent = (_req, _res, { scope }) => ({ scope: [...scope] })

const redis = new Redis(REDIS_URL)
await new Promise((done) => redis.once('ready', done))

const app = express()
const servers = await Promise.all([
  mount('redis', new RedisStorage({ client: redis, prefix: PREFIX }), 'opaque'),
  mount('sqlite', new SqliteStorage({ file: SQLITE_FILE }), 'jwt'),
])
const listener = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${listener.address().port}\n`)
})
process.once('SIGTERM', () => {
  listener.close(() => void end())
  listener.closeIdleConnections()
})

async function end() {
  for (const server of servers) await server.close()
  redis.disconnect()
}

async function mount(name, storage, format) {
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    basePath: `/${name}`,
    secrets: [SECRET],
    storage,
    scopes: ['read', 'write'],
    accessToken: { format },
    clients: [
      {
        client_id: 'app',
        client_secret: SECRET,
        redirect_uris: ['https://app.example.com/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'read write',
      },
    ],
  })
  await server.ready()
  const router = express.Router()
  router.use(oauthRouter(server, { signIn, consent }))
  router.get('/me', requireToken(server, { scope: 'read' }), (req, res) => res.json(req.auth))
  router.get('/sessions', async (req, res) =>
    res.json(await server.grants.list({ subject: String(req.headers['x-user']) })),
  )
  app.use(`/${name}`, router)
  return server
}
