// oauth-ratchet on Redis with everything that is not a refresh: a guarded route, introspection, revocation and sign-ins.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { createAuthorizationServer } from '@oauth-ratchet/core'
import { getAuth, oauthRouter, requireToken } from '@oauth-ratchet/express'
import { clientSecret, codeVerifier, redirectUri } from './client-credentials.mjs'
import { openStorage } from './open-storage.mjs'

const scope = 'notes:read notes:write'
const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
const app = {
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [redirectUri],
  scope,
}
const trusted = {
  client_id: 'trusted',
  client_secret: clientSecret,
  grant_types: ['password', 'refresh_token'],
  scope,
}
const web = { client_id: 'web', client_secret: clientSecret, grant_types: [], may_introspect: 'any' }

/** `variant`: the format of access tokens, and what issue() makes. */
export async function start(variant, urls) {
  const [format, made] = variant.split(' ')
  const { storage, disconnect } = await openStorage('redis', urls)
  const server = createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: [randomBytes(48)],
    storage,
    scopes: scope.split(' '),
    clients: [app, trusted, web],
    accessToken: { format },
    authenticateUser: async (username) => ({ subject: username }),
  })
  await server.ready()
  const guard = requireToken(server, { scope: 'notes:read', checkGrant: format === 'opaque' })
  const api = express()
    .use('/oauth', oauthRouter(server))
    .get('/notes', guard, (req, res) => {
      res.json({ sub: getAuth(req).subject })
    })
  let users = 0
  return {
    server: createServer(api),
    // Each for a user of its own, as sign-ins are: with many sessions of one user the limit is what would be measured.
    issue: () => makers[made](server, `user-${(users += 1)}`),
    close: async () => {
      await server.close()
      await disconnect()
    },
  }
}

const makers = {
  access: async (server, subject) => (await server.grants.issue({ clientId: 'app', subject })).access_token,
  refresh: async (server, subject) => (await server.grants.issue({ clientId: 'app', subject })).refresh_token,
  user: async (_server, subject) => subject,
  /** Through the authorization endpoint, as for a user who is signed in and agrees to all. */
  code: async (server, subject) => {
    const endpoint = server.endpoints.authorization()
    const query = new URLSearchParams({
      client_id: 'app',
      redirect_uri: redirectUri,
      response_type: 'code',
      code_challenge: codeChallenge,
      code_challenge_method: 'S256',
    })
    const pending = await endpoint.begin({ method: 'GET', headers: {}, query: String(query) })
    const { headers } = await endpoint.grant(pending, { subject }, scope.split(' '))
    return new URL(headers.location).searchParams.get('code')
  },
}
