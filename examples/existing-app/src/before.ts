import cookieSession from 'cookie-session'
import express from 'express'
import type { RequestHandler } from 'express'

const { PORT = '3000' } = process.env
const notes = new Map([['alice', ['Buy milk']]])

const app = express()
app.use(cookieSession({ name: 'session', secret: process.env['SESSION_SECRET'], sameSite: 'lax' }))

const signedIn: RequestHandler = (req, res, next) => {
  if (typeof req.session?.['user'] === 'string') return next()
  res.status(401).json({ error: 'Sign in first.' })
}

app.post('/login', express.urlencoded(), (req, res) => {
  const { user, password } = (req.body ?? {}) as Record<string, unknown>
  if (user !== 'alice' || password !== 'wonderland') {
    res.status(401).json({ error: 'The user name or the password is wrong.' })
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
  res.json(notes.get(req.session?.['user']) ?? [])
})

app.listen(Number(PORT), '127.0.0.1', () => console.log(`app: http://127.0.0.1:${PORT}`))
