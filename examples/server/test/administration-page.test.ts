import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { adminRouter, oauthRouter } from '@oauth-ratchet/express'
import express from 'express'
import request from 'supertest'
import { sampleOf } from './support/documented-code.js'

const page = 'docs/administration.md'
const text = readFileSync(join(__dirname, '../../..', page), 'utf8')
const backoffice = '0123456789abcdef'.repeat(4)

/** The app of the page, and the token that its second sample fetches. */
async function start() {
  const app = express()
  runInNewContext(sampleOf(page, 'administration'), {
    app,
    adminRouter,
    createAuthorizationServer,
    MemoryStorage,
    oauthRouter,
    process: {
      env: {
        OAUTH_SECRET: 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro',
        BACKOFFICE_SECRET: backoffice,
      },
    },
  })
  const answer = await request(app)
    .post('/oauth/token')
    .auth('backoffice', backoffice)
    .type('form')
    .send({ grant_type: 'client_credentials' })
    .expect(200)
  return { app, token: (answer.body as { access_token: string }).access_token }
}

test('the sample lets its service list a user’s grants', async () => {
  const { app, token } = await start()
  const answer = await request(app).get('/admin/grants?subject=alice').auth(token, { type: 'bearer' })
  expect([answer.status, answer.body]).toEqual([200, { grants: [] }])
})

test('every route of the tables is there, and no other method at their paths', async () => {
  const { app, token } = await start()
  const routes = [...text.matchAll(/^\| `([A-Z]+) (\/[^`?\s]+)/gm)].map(([, method = '', path = '']) => ({
    method,
    path: path.replace(':id', 'nobody'),
  }))
  expect(routes).toHaveLength(15)
  for (const path of new Set(routes.map((route) => route.path))) {
    const { headers } = await request(app).put(`/admin${path}`).auth(token, { type: 'bearer' }).expect(405)
    const allowed = new Set(routes.filter((route) => route.path === path).map(({ method }) => method))
    if (allowed.has('GET')) allowed.add('HEAD')
    expect(new Set(headers['allow']?.split(', '))).toEqual(allowed)
  }
})
