import { createAuthorizationServer } from '@oauth-ratchet/core'
import type { AccessTokenOptions, AuthorizationServer, Storage } from '@oauth-ratchet/core'

export const issuer = 'https://auth.example.com'
export const secret = 'Qm9vdHMtYW5kLWNhdHMtYXJlLW5vdC1yYW5kb20tYnV0LXRoaXMtaXM_9xK2vLq8'

/** The environment in which the command finds the service. */
export const environment = { ISSUER: issuer, OAUTH_SECRETS: secret } as const

/** A server on a storage, with one public client of the configuration. */
export function serviceOn(
  storage: Storage,
  secrets: readonly string[] = [secret],
  accessToken: AccessTokenOptions = {},
): AuthorizationServer {
  return createAuthorizationServer({
    issuer,
    secrets,
    accessToken,
    storage,
    sweepInterval: 0,
    scopes: ['read'],
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['refresh_token'],
        scope: 'read',
      },
    ],
  })
}
