// The server that everything here measures: one public client that refreshes, every option as it is by default.
import { randomBytes } from 'node:crypto'
import { createAuthorizationServer } from '@oauth-ratchet/core'

export function serverOn(storage) {
  return createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: [randomBytes(48)],
    storage,
    scopes: ['notes:read', 'notes:write'],
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['refresh_token'],
        scope: 'notes:read notes:write',
      },
    ],
  })
}
