import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type {
  AuthorizationServer,
  AuthorizationServerOptions,
  ClientMetadata,
  Storage,
} from '@oauth-ratchet/core'
import { TestClock } from './test-clock.js'

export interface TestServer {
  readonly server: AuthorizationServer
  /** The server's clock, which nothing else moves. */
  readonly clock: TestClock
  readonly storage: Storage
}

/** Options of a server, any of them; the clock is this package's. */
export type TestServerOptions = Partial<Omit<AuthorizationServerOptions, 'now'>>

/** The `client_id` of the client that a test server has unless it is given others. */
export const testClientId = 'app'

/**
 * Makes a server in memory with a clock that the test moves. It needs no end: no timer runs and nothing is connected.
 *
 * What is left out has a value that works in tests: the issuer `http://localhost`, a secret, the scopes `read` and `write`,
 * and one public client, `app`, for every scope, with the grant types `authorization_code` and `refresh_token`. **A `storage`
 * that is given is used**: leave it out when you spread the options of your app.
 *
 * @throws ConfigurationError as `createAuthorizationServer`
 */
export function createTestServer(options: TestServerOptions = {}): TestServer {
  const clock = new TestClock()
  const { storage = new MemoryStorage(), scopes = ['read', 'write'] } = options
  const server = createAuthorizationServer({
    issuer: 'http://localhost',
    secrets: ['mfhh82dxg1z3pnVL4qFM839r-CFu2ydhLpbKyPClE0pp81sZ'],
    clients: [testClient(scopes)],
    ...options,
    scopes,
    storage,
    sweepInterval: 0,
    now: clock.now,
  })
  return { server, clock, storage }
}

function testClient(scopes: NonNullable<AuthorizationServerOptions['scopes']>): ClientMetadata {
  return {
    client_id: testClientId,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['http://localhost/callback'],
    scope: (Array.isArray(scopes) ? scopes : Object.keys(scopes)).join(' '),
  }
}
