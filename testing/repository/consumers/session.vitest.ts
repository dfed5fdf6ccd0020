// TypeScript under Vitest: what a user's own test looks like.
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { oauthErrorHandler, oauthRouter, requireToken } from '@oauth-ratchet/express'
import express from 'express'
import request from 'supertest'
import { expect, test } from 'vitest'

test('a session is refreshed, and its token opens the API', async () => {
  const server = createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: ['mfhh82dxg1z3pnVL4qFM839r-CFu2ydhLpbKyPClE0pp81sZ'],
    storage: new MemoryStorage(),
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
  app.use('/oauth', oauthRouter(server))
  app.get('/notes', requireToken(server), (_req, res) => {
    res.json([])
  })
  app.use(oauthErrorHandler())
  const { refresh_token } = await server.grants.issue({ clientId: 'app', subject: 'alice' })
  const { body } = await request(app)
    .post('/oauth/token')
    .type('form')
    .send({ grant_type: 'refresh_token', client_id: 'app', refresh_token })
  const notes = await request(app).get('/notes').set('Authorization', `Bearer ${body.access_token}`)
  expect(notes.status).toBe(200)
  await server.close()
})
