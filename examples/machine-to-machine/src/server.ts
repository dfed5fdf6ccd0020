// An authorization server for programs alone, and the API that they call, in one app.
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import {
  getAuth,
  oauthErrorHandler,
  oauthRouter,
  requireToken,
  wellKnownRouter,
} from '@oauth-ratchet/express'
import express from 'express'

const { PORT = '3000' } = process.env

const server = createAuthorizationServer({
  issuer: `http://127.0.0.1:${PORT}`,
  secrets: [process.env['OAUTH_SECRET']], // openssl rand -base64 48
  storage: new MemoryStorage(), // remembers what was revoked: with several processes take one that they share
  scopes: ['reports:write'],
  clients: [
    {
      client_id: 'nightly',
      client_secret: process.env['JOB_SECRET'],
      grant_types: ['client_credentials'],
      scope: 'reports:write',
      access_token_lifetime: 300,
    },
  ],
})

const app = express()
app.use(wellKnownRouter(server)).use('/oauth', oauthRouter(server))
app.post('/reports', requireToken(server, { scope: 'reports:write' }), (req, res) => {
  // No user is involved: there is a clientId, and no subject.
  res.status(201).json({ by: getAuth(req).clientId })
})
app.use(oauthErrorHandler())

await server.ready()
app.listen(Number(PORT), '127.0.0.1', () => console.log(`server: ${server.settings.issuer}`))
