// oauth-ratchet as its README sets it up: one client, every option as it is by default but for what the variant names.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import express from 'express'
import { createAuthorizationServer } from '@oauth-ratchet/core'
import { oauthRouter } from '@oauth-ratchet/express'
import { oauthHandler } from '@oauth-ratchet/http'
import { clientSecret } from './client-credentials.mjs'
import { openStorage } from './open-storage.mjs'

const grant_types = ['refresh_token']
const scope = 'notes:read notes:write'
const app = { client_id: 'app', token_endpoint_auth_method: 'none', grant_types, scope }
const web = { client_id: 'web', client_secret: clientSecret, grant_types, scope }

/** What is a variant's own: the client, and options of the server. */
const variants = {
  opaque: { client: app },
  pipelined: { client: app },
  jwt: { client: web, options: { accessToken: { format: 'jwt' } } },
  grace: { client: { ...app, reuse_grace: 10 } },
}

/** How the endpoints are mounted. */
const faces = {
  express: (server) => createServer(express().use('/oauth', oauthRouter(server))),
  http: (server) => createServer(oauthHandler(server)),
}

export async function start(variant, urls) {
  const [face, store, name] = variant.split(' ')
  const { client, options } = variants[name]
  const { storage, disconnect } = await openStorage(store, urls, {
    enableAutoPipelining: name === 'pipelined',
  })
  const server = createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: [randomBytes(48)],
    storage,
    scopes: scope.split(' '),
    clients: [client],
    ...options,
  })
  await server.ready()
  return {
    server: faces[face](server),
    issue: async (index) => {
      const tokens = await server.grants.issue({ clientId: client.client_id, subject: `user-${index}` })
      return tokens.refresh_token
    },
    close: async () => {
      await server.close()
      await disconnect()
    },
  }
}
