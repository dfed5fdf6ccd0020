// The app that the README adds oauth-ratchet to: users, a login of its own, a handler.
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { getAuth } from '@oauth-ratchet/express'
import cookieSession from 'cookie-session'
import express from 'express'
import type { Request, RequestHandler } from 'express'

export interface User {
  readonly id: string
  /** Seconds since the epoch. */
  readonly signedInAt: number
}

export const app = express()
app.use(cookieSession({ name: 'app', secret: 'only-for-the-test-of-the-readme', sameSite: 'lax' }))

export function userOf(req: Request): User | undefined {
  return (req.session as { user?: User } | null | undefined)?.user
}

export function sessionOf(req: Request): { id: string; userId: string } | undefined {
  const { id, user } = (req.session ?? {}) as { id?: string; user?: User }
  return id === undefined || user === undefined ? undefined : { id, userId: user.id }
}

export async function checkPassword(username: unknown, password: unknown): Promise<User | undefined> {
  const right = username === 'alice' && password === 'wonderland'
  return right ? { id: 'alice', signedInAt: Math.floor(Date.now() / 1000) } : undefined
}

export const listNotes: RequestHandler = (req, res) => {
  res.json({ owner: getAuth(req).subject, notes: [] })
}

app.get('/login', (req, res) => {
  const { next: asked } = req.query
  const next = (typeof asked === 'string' ? asked : '').replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  res.send(`<form method="post" action="/login"><input type="hidden" name="next" value="${next}">
    <input name="username"><input name="password" type="password"><button>Sign in</button></form>`)
})

app.post('/login', express.urlencoded({ extended: false }), async (req, res) => {
  const { username, password, next } = req.body as Record<string, unknown>
  const user = await checkPassword(username, password)
  if (
    user === undefined ||
    typeof next !== 'string' ||
    !/^\/(oauth\/authorize\?|account\/sessions$)/.test(next)
  ) {
    res.status(403).send('No.')
    return
  }
  req.session = { id: randomUUID(), user }
  res.redirect(303, next)
})

const http = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(http.address() as AddressInfo).port}\n`)
})
