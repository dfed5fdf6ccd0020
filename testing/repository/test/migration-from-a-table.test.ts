import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthorizationServer, ImportTokenOptions, TokenResponse } from '@oauth-ratchet/core'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import Database from 'better-sqlite3'
import express from 'express'
import type { RequestHandler, Response, Router } from 'express'
import jwt from 'jsonwebtoken'
import request from 'supertest'
import { inDays, samples, serverWith } from './support/migrated-server.js'

const random = (): string => randomBytes(40).toString('hex')
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
const cookieOf = (answer: request.Response): string =>
  /^refreshToken=([^;]*)/.exec(answer.headers['set-cookie'] ?? '')?.[1] ?? ''
const accessOf = (answer: request.Response): string => (answer.body as { accessToken: string }).accessToken

/** What guarded the API before. */
const oldGuard: RequestHandler = (req, res, next) => {
  try {
    const claims = jwt.verify((req.get('authorization') ?? '').slice(7), 'the old key', {
      algorithms: ['HS256'],
    })
    Object.assign(req, { user: claims })
    next()
  } catch {
    res.sendStatus(401)
  }
}

let folder: string

/** A store with users signed in, as an app of its own making has it. */
function populated() {
  const db = new Database(':memory:')
  db.exec(`CREATE TABLE refresh_tokens (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, token_hash TEXT NOT NULL UNIQUE,
    expires_at TEXT NOT NULL, revoked_at TEXT)`)
  const insert = db.prepare(
    'INSERT INTO refresh_tokens (user_id, token_hash, expires_at, revoked_at) VALUES (?, ?, ?, ?)',
  )
  const session = (user: number, expires = inDays(20), revoked: Date | null = null) => {
    const token = random()
    insert.run(user, hashOf(token), expires.toISOString(), revoked?.toISOString() ?? null)
    return token
  }
  const tokens = {
    phone: session(1),
    laptop: session(1),
    other: session(2),
    expired: session(3, inDays(-1)),
    revoked: session(4, inDays(20), inDays(-1)),
  }
  return { db, tokens, rows: () => db.prepare('SELECT * FROM refresh_tokens').all() }
}

async function movedIn() {
  const old = populated()
  const { importFromTable } = await samples.load<{
    importFromTable: (db: Database.Database) => ImportTokenOptions
  }>('table')
  const file = join(folder, `${randomBytes(8).toString('hex')}.sqlite`)
  const server = await serverWith(importFromTable(old.db), new SqliteStorage({ file }))
  const { authRoutes, send } = await samples.load<{
    authRoutes: (server: AuthorizationServer) => Router
    send: (res: Response, tokens: TokenResponse) => void
  }>('routes')
  const { requireEither } = await samples.load<{
    requireEither: (server: AuthorizationServer, oldGuard: RequestHandler) => RequestHandler
  }>('both-kinds')
  const app = express()
  app.use((req, _res, next) => {
    // What cookie-parser does.
    req.cookies = Object.fromEntries(
      (req.headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string]),
    )
    next()
  })
  app.use(authRoutes(server))
  app.post('/auth/login', async (_req, res) => {
    send(res, await server.grants.issue({ clientId: 'app', subject: '9' }))
  })
  app.get('/api', requireEither(server, oldGuard), (req, res) => {
    res.json({ user: (req as unknown as { user?: { sub?: string } }).user?.sub })
  })
  app.use(((error, _req, res, _next) => {
    res.status((error as { status?: number }).status ?? 500).end()
  }) as express.ErrorRequestHandler)
  const post = (path: string, token?: string) => {
    const call = request(app).post(path)
    return token === undefined ? call : call.set('cookie', `refreshToken=${token}`)
  }
  const api = (token: string) => request(app).get('/api').set('authorization', `Bearer ${token}`)
  return { ...old, server, post, api }
}

describe('a table beside jsonwebtoken', () => {
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'migration-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('every session that was good goes on by the same route, body and cookie', async () => {
    const { tokens, post, api, server } = await movedIn()
    for (const token of [tokens.phone, tokens.laptop, tokens.other]) {
      const first = await post('/auth/refresh', token)
      expect(first.status).toBe(200)
      expect((await api(accessOf(first))).status).toBe(200)
      const second = await post('/auth/refresh', cookieOf(first))
      expect(second.status).toBe(200)
    }
    expect(await server.grants.list({ subject: '1' })).toHaveLength(2)
    expect(await server.grants.list({ subject: '2' })).toHaveLength(1)
  })

  test('a handler finds the user where the old guard has put it, with access tokens of both kinds', async () => {
    const { tokens, post, api } = await movedIn()
    const old = jwt.sign({ sub: '1' }, 'the old key', { expiresIn: 60 })
    expect((await api(old)).body).toEqual({ user: '1' })
    const ours = accessOf(await post('/auth/refresh', tokens.phone))
    expect((await api(ours)).body).toEqual({ user: '1' })
  })

  test('sessions that were over stay over', async () => {
    const { tokens, post } = await movedIn()
    for (const token of [tokens.expired, tokens.revoked, random(), '']) {
      const answer = await post('/auth/refresh', token)
      expect(answer.status).toBe(401)
      expect(cookieOf(answer)).toBe('')
    }
  })

  test('the table is only read, so that the old code can go on with it', async () => {
    const { tokens, post, rows } = await movedIn()
    const before = rows()

    await post('/auth/refresh', tokens.phone)
    await post('/auth/logout', tokens.laptop)

    expect(rows()).toEqual(before)
  })

  test('a log-out holds, for a session that was imported and one that was not', async () => {
    const { tokens, post, api } = await movedIn()
    const first = await post('/auth/refresh', tokens.phone)
    expect((await post('/auth/logout', cookieOf(first))).status).toBe(204)
    expect((await post('/auth/logout', tokens.laptop)).status).toBe(204)

    for (const token of [tokens.phone, tokens.laptop, cookieOf(first)])
      expect((await post('/auth/refresh', token)).status).toBe(401)
    expect((await api(accessOf(first))).status).toBe(401)
  })

  test('two tabs with the old token get one session', async () => {
    const { tokens, post, server } = await movedIn()

    const answers = await Promise.all([1, 2, 3].map(() => post('/auth/refresh', tokens.phone)))

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(answers.map(cookieOf)).size).toBe(1)
    expect(await server.grants.list({ subject: '1' })).toHaveLength(1)
  })

  test('old access tokens are taken until they have expired, ours from the first', async () => {
    const { post, api } = await movedIn()
    const good = jwt.sign({ sub: '1' }, 'the old key', { expiresIn: 60 })
    const over = jwt.sign({ sub: '1' }, 'the old key', { expiresIn: -1 })
    const login = await post('/auth/login')

    expect((await api(good)).status).toBe(200)
    expect((await api(over)).status).toBe(401)
    expect((await api(accessOf(login))).status).toBe(200)
    expect((await post('/auth/refresh', cookieOf(login))).status).toBe(200)
  })
})
