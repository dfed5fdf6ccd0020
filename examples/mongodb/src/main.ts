// An app whose sessions are in the MongoDB that it has already. A grant is one document.
import { createAuthorizationServer } from '@oauth-ratchet/core'
import {
  getAuth,
  oauthErrorHandler,
  oauthRouter,
  requireToken,
  sendTokens,
  wellKnownRouter,
} from '@oauth-ratchet/express'
import { MongooseStorage } from '@oauth-ratchet/mongoose'
import express from 'express'
import mongoose from 'mongoose'

const { PORT = '3000' } = process.env

await mongoose.connect(process.env['MONGODB_URL'] ?? 'mongodb://127.0.0.1:27017/app', {
  serverSelectionTimeoutMS: 2000,
})

const server = createAuthorizationServer({
  issuer: `http://127.0.0.1:${PORT}`,
  secrets: [process.env['OAUTH_SECRET']], // openssl rand -base64 48; the same in every process
  storage: new MongooseStorage({ connection: mongoose.connection }),
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

await server.ready() // rejects with what is wrong with the database, and makes the indexes
const http = app.listen(Number(PORT), '127.0.0.1', () => console.log(`app: ${server.settings.issuer}`))

process.once('SIGTERM', () => http.close(() => void mongoose.disconnect())) // the connection is the app's, and so is its end
