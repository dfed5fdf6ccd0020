// The yardsticks of what is no refresh: a route of Express that does one read and answers JSON, and one that does not even that.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { Redis } from 'ioredis'

const user = { sub: 'user-1', client_id: 'app', scope: 'notes:read notes:write' }

export async function start(variant, urls) {
  const client = new Redis(urls.redis)
  const app = express()
  routes[variant](app, (token) => client.hgetall(`bare:${token}`))
  return {
    server: createServer(app),
    issue: async () => {
      const token = randomBytes(32).toString('base64url')
      await client.hset(`bare:${token}`, { ...user, expiresAt: Date.now() + 900_000 })
      return token
    },
    close: async () => client.disconnect(),
  }
}

const routes = {
  get: (app, find) => {
    app.get('/notes', async (req, res) => {
      const row = await find(req.headers.authorization.slice('Bearer '.length))
      if (!isLive(row)) return res.status(401).json({ error: 'invalid_token' })
      res.json({ sub: row.sub })
    })
  },
  'get without a read': (app) => {
    app.get('/notes', (_req, res) => {
      res.json({ sub: user.sub })
    })
  },
  post: (app, find) => {
    app.post('/oauth/introspect', express.urlencoded({ extended: false }), async (req, res) => {
      const row = await find(req.body.token)
      res.set('Cache-Control', 'no-store')
      if (!isLive(row)) return res.json({ active: false })
      const { sub, client_id, scope, expiresAt } = row
      res.json({ active: true, sub, client_id, scope, exp: Math.floor(expiresAt / 1000) })
    })
  },
}

function isLive({ expiresAt }) {
  return Number(expiresAt) > Date.now()
}
