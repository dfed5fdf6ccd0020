import { runInNewContext } from 'node:vm'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { getAuth, oauthErrorHandler, oauthRouter, requireToken } from '@oauth-ratchet/express'
import express from 'express'
import request from 'supertest'
import { sampleOf } from './support/documented-code.js'

const page = 'docs/clients.md'
const secret = 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'

test('server.clients: a client is made, changed, given a new secret, and taken away', async () => {
  const server = createAuthorizationServer({
    issuer: 'http://localhost:3000',
    secrets: [secret],
    storage: new MemoryStorage(),
    scopes: ['notes:read', 'notes:write'],
  })
  const lines: string[][] = []
  const log = (...words: string[]) => lines.push(words)
  await runInNewContext(`(async () => { ${sampleOf(page, 'clients')} })()`, { server, console: { log } })
  expect(lines).toEqual([
    [expect.any(String), expect.stringMatching(/^[\w-]{43}$/)],
    [expect.stringMatching(/^[\w-]{43}$/)],
  ])
  expect(await server.clients.list()).toEqual([])
  await server.close()
})

test('service to service: a token of client credentials reaches the API, and no page of a user', async () => {
  const app = express()
  const clientSecret = '0123456789abcdef'.repeat(4)
  const env = { OAUTH_SECRET: secret, REPORTS_SECRET: clientSecret }
  runInNewContext(sampleOf(page, 'service'), {
    app,
    createAuthorizationServer,
    getAuth,
    MemoryStorage,
    oauthErrorHandler,
    oauthRouter,
    process: { env },
    requireToken,
  })
  const answer = await request(app)
    .post('/oauth/token')
    .auth('reports', clientSecret)
    .type('form')
    .send({ grant_type: 'client_credentials' })
    .expect(200)
  const { access_token: token } = answer.body as { access_token: string }
  expect(answer.body).not.toHaveProperty('refresh_token')
  const reports = await request(app).get('/reports').auth(token, { type: 'bearer' }).expect(200)
  expect(reports.body).toEqual({ clientId: 'reports' })
  const me = await request(app).get('/me').auth(token, { type: 'bearer' }).expect(403)
  expect(me.body).toMatchObject({ error: 'insufficient_scope' })
})
