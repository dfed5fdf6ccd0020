// oauth-ratchet with sessionsRouter and adminRouter, and a route by which the one user signs in many times.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { createAuthorizationServer } from '@oauth-ratchet/core'
import { adminRouter, oauthRouter, sessionsRouter } from '@oauth-ratchet/express'
import { openStorage } from './open-storage.mjs'

const crowd = 'user of many sessions'
const app = {
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  grant_types: ['refresh_token'],
  scope: 'notes:read notes:write',
}

/** Sign-ins under way at once. */
const AT_ONCE = 64

/** `variant`: the store. */
export async function start(variant, urls) {
  const { storage, disconnect } = await openStorage(variant, urls)
  const server = createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: [randomBytes(48)],
    storage,
    scopes: ['notes:read', 'notes:write'],
    clients: [app],
    refreshToken: { maxPerSubjectAndClient: null },
  })
  // Events are what makes an end cost more: without a listener none is put together.
  server.on('grant.revoked', () => {})
  await server.ready()
  const api = express()
    .use('/oauth', oauthRouter(server))
    .use('/sessions', sessionsRouter(server, { user: () => ({ subject: crowd }) }))
    .use('/admin', adminRouter(server, { admin: () => ({ by: 'admin' }) }))
    .post('/sign-ins/:count', async (req, res) => {
      let left = Number(req.params.count)
      const signIn = async () => {
        while (left-- > 0) await server.grants.issue({ clientId: 'app', subject: crowd })
      }
      await Promise.all(Array.from({ length: AT_ONCE }, signIn))
      res.json({})
    })
  return {
    server: createServer(api),
    issue: async (index) => {
      const tokens = await server.grants.issue({ clientId: 'app', subject: `user-${index}` })
      return tokens.refresh_token
    },
    close: async () => {
      await server.close()
      await disconnect()
    },
  }
}
