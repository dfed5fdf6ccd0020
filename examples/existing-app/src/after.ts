import { createAuthorizationServer } from '@oauth-ratchet/core'
import { getAuth, oauthErrorHandler, oauthRouter, requireToken, sendTokens } from '@oauth-ratchet/express'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import cookieSession from 'cookie-session'
import express from 'express'
import type { RequestHandler } from 'express'

const { PORT = '3000', DATABASE = 'data/oauth.sqlite' } = process.env
const notes = new Map([['alice', ['Buy milk']]])

const app = express()
app.use(cookieSession({ name: 'session', secret: process.env['SESSION_SECRET'], sameSite: 'lax' }))

const server = createAuthorizationServer({
  issuer: `http://127.0.0.1:${PORT}`,
  secrets: [process.env['OAUTH_SECRET']],
  storage: new SqliteStorage({ file: DATABASE }),
  scopes: ['notes:read'],
  clients: [
    {
      client_id: 'phone',
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'notes:read',
    },
  ],
})
app.use('/oauth', oauthRouter(server))
const tokenIsGood = requireToken(server, { scope: 'notes:read', subject: 'user' })

// The website goes on with its session; whatever has a token comes with that.
const signedIn: RequestHandler = (req, res, next) => {
  if (req.headers.authorization !== undefined) return void tokenIsGood(req, res, next)
  if (typeof req.session?.['user'] === 'string') return next()
  res.status(401).json({ error: 'Sign in first.' })
}

app.post('/login', express.urlencoded(), async (req, res) => {
  const { user, password, device } = (req.body ?? {}) as Record<string, unknown>
  if (user !== 'alice' || password !== 'wonderland') {
    res.status(401).json({ error: 'The user name or the password is wrong.' })
    return
  }
  if (device === 'phone') {
    sendTokens(res, await server.grants.issue({ clientId: 'phone', subject: user }))
    return
  }
  req.session = { user }
  res.json({ user })
})

app.post('/logout', (req, res) => {
  req.session = null
  res.status(204).end()
})

app.get('/api/notes', signedIn, (req, res) => {
  const user = getAuth(req, { optional: true })?.subject ?? req.session?.['user']
  res.json(notes.get(user) ?? [])
})
app.use(oauthErrorHandler())

await server.ready()
app.listen(Number(PORT), '127.0.0.1', () => console.log(`app: http://127.0.0.1:${PORT}`))
