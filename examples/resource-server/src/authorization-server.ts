// Hands out tokens, and answers the API's questions about them. Nothing here knows the API.
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { oauthRouter, sendTokens, wellKnownRouter } from '@oauth-ratchet/express'
import express from 'express'

const { PORT = '3000', FORMAT = 'opaque', API = 'http://127.0.0.1:3001' } = process.env

const server = createAuthorizationServer({
  issuer: `http://127.0.0.1:${PORT}`,
  secrets: [process.env['OAUTH_SECRET']], // openssl rand -base64 48
  storage: new MemoryStorage(), // an example: everything ends with this process
  scopes: ['notes:read'],
  accessToken: { format: FORMAT === 'jwt' ? 'jwt' : 'opaque', audience: API },
  clients: [
    {
      client_id: 'app',
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'notes:read',
    },
    // The API: it gets no tokens, and may ask about all of them.
    {
      client_id: 'api',
      client_secret: process.env['API_SECRET'],
      grant_types: [],
      may_introspect: 'any',
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

await server.ready()
app.listen(Number(PORT), '127.0.0.1', () => console.log(`authorization server: ${server.settings.issuer}`))
