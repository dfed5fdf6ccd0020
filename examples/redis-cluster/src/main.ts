// An app whose sessions are in a Redis Cluster. A grant is one key, so that every refresh is one command to one node.
import { createAuthorizationServer } from '@oauth-ratchet/core'
import {
  getAuth,
  oauthErrorHandler,
  oauthRouter,
  requireToken,
  sendTokens,
  wellKnownRouter,
} from '@oauth-ratchet/express'
import { RedisStorage } from '@oauth-ratchet/redis'
import express from 'express'
import { Cluster } from 'ioredis'

const { PORT = '3000' } = process.env

// host:port of some nodes; the client finds the others.
const nodes = (process.env['REDIS_NODES'] ?? '127.0.0.1:7000').split(',').map((node) => {
  const [host = '', port = ''] = node.split(':')
  return { host, port: Number(port) }
})
const client = new Cluster(nodes, { redisOptions: { maxRetriesPerRequest: 3 } })
client.on('error', (error: Error) => console.error('redis', error.message))
// Which node cannot be reached, and why: 'error' alone says neither.
client.on('node error', (error: Error, node: string) => console.error('redis', node, error.message))

const server = createAuthorizationServer({
  issuer: `http://127.0.0.1:${PORT}`,
  secrets: [process.env['OAUTH_SECRET']], // openssl rand -base64 48; the same in every process
  storage: new RedisStorage({ client }),
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

const app = express()
app.use(wellKnownRouter(server)).use('/oauth', oauthRouter(server))
app.post('/login', express.urlencoded(), async (req, res) => {
  const { user, password } = (req.body ?? {}) as Record<string, unknown>
  if (user !== 'alice' || password !== 'wonderland') {
    res.status(401).json({ error: 'The user name or the password is wrong.' })
    return
  }
  sendTokens(res, await server.grants.issue({ clientId: 'app', subject: user }))
})
app.get('/notes', requireToken(server, { scope: 'notes:read' }), (req, res) => {
  res.json({ owner: getAuth(req).subject, notes: ['Buy milk'] })
})
app.use(oauthErrorHandler())

await server.ready() // rejects with what is wrong with the cluster
const http = app.listen(Number(PORT), '127.0.0.1', () => console.log(`app: ${server.settings.issuer}`))

process.once('SIGTERM', () => http.close(() => client.disconnect())) // the client is the app's, and so is its end
