import type { AuthorizationServerOptions, ForeignSession, ImportTokenOptions } from '@oauth-ratchet/core'
import { Clock, day } from './clock.js'
import { clientA, startServer } from './test-server.js'
import type { TestServer } from './test-server.js'

/** What an app had before: sessions by their refresh tokens, and how often it was asked for one. */
export interface OldSessions {
  readonly rows: Map<string, ForeignSession>
  readonly asked: string[]
}

export interface ImportingServer extends TestServer {
  readonly old: OldSessions
}

/** A refresh token as other software makes it. */
export const oldToken = '9f3b1c7e5a2d4486b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d'

/** A server that imports the sessions of client A for 90 days; the old token is u1's and lives for 30. */
export function importing(
  options: Partial<AuthorizationServerOptions> = {},
  importToken: Partial<ImportTokenOptions> = {},
  clock: Clock = new Clock(),
): ImportingServer {
  const old: OldSessions = {
    rows: new Map([[oldToken, { subject: 'u1', scope: 'read write', expiresAt: clock.seconds + 30 * day }]]),
    asked: [],
  }
  const at = startServer(
    {
      ...options,
      refreshToken: {
        ...options.refreshToken,
        importToken: {
          clients: [clientA.client_id],
          until: clock.seconds + 90 * day,
          find: (token) => {
            old.asked.push(token)
            return old.rows.get(token)
          },
          ...importToken,
        },
      },
    },
    clock,
  )
  return { ...at, old }
}
