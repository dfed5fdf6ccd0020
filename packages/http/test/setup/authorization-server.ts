import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions } from '@oauth-ratchet/core'

export const issuer = 'https://auth.example.com'
export const redirectUri = 'https://app.example/cb'
// The pair of RFC 7636 Appendix B.
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
export const startsAt = Date.UTC(2030, 0, 1)
/** A resource server. */
export const introspection = {
  clientId: 'api',
  clientSecret: 'Zq7nWb2sLx9dPf4hJm6kTc1vRy8gEo3aUi5wXp0zNeM',
}
export const serviceSecret = 'zm96-bthd2LWT2cX1APoZlcAYFuIGJwPTE0ZNmoZVAq'

/** A server whose clock stands still. */
export function makeServer(options: Partial<AuthorizationServerOptions> = {}) {
  return createAuthorizationServer({
    issuer,
    secrets: ['PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'],
    storage: new MemoryStorage(),
    scopes: { read: 'Read your notes', write: 'Change your notes' },
    clients: [
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'read write',
      },
      {
        client_id: 'service',
        client_secret: serviceSecret,
        grant_types: ['client_credentials'],
        scope: 'read',
      },
      {
        client_id: introspection.clientId,
        client_secret: introspection.clientSecret,
        grant_types: [],
        may_introspect: 'any',
      },
    ],
    sweepInterval: 0,
    now: () => startsAt,
    ...options,
  })
}

export const clientCredentials = {
  grant_type: 'client_credentials',
  client_id: 'service',
  client_secret: serviceSecret,
} as const

/** Path and query of a good authorization request. */
export const authorizationPath = `/oauth/authorize?${new URLSearchParams({
  client_id: 'spa',
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'read write',
  state: 'xyz',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}).toString()}`
