import { createAuthorizationServer, OAuthError } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'
import { waitUntil } from '@oauth-ratchet/engines'
import mongoose from 'mongoose'
import type { Connection } from 'mongoose'

import { MongooseStorage } from '../../src/index.js'
import type { MongooseStorageOptions } from '../../src/index.js'
import { connectTo, databaseName } from './mongoose-harness.js'

const CLIENT_ID = 'app'

/** What a client was answered: its next refresh token, or the error that went on the wire. */
export type Answer =
  | { readonly status: 200; readonly refreshToken: string; readonly accessToken: string }
  | { readonly status: number; readonly error: string }

export interface AppOptions extends Omit<MongooseStorageOptions, 'connection'> {
  readonly url: string
  /** To see the data of another app. */
  readonly dbName?: string
  readonly connect?: Parameters<typeof connectTo>[2]
  readonly server?: Partial<AuthorizationServerOptions>
}

/** An app with an authorization server over a mongoose connection of its own. */
export interface App {
  readonly connection: Connection
  readonly storage: MongooseStorage
  readonly server: AuthorizationServer
  /** Names of the events that tell of theft, as they were raised. */
  readonly alarms: string[]
  /** A new grant's first refresh token. */
  signIn(subject?: string): Promise<string>
  refresh(refreshToken: string, idempotencyKey?: string): Promise<Answer>
  /** Waits until the connection is back. Asks for it, as the requests of an app do. */
  connected(): Promise<void>
  stop(): Promise<void>
}

export async function startApp(options: AppOptions): Promise<App> {
  const { url, dbName = databaseName(), connect, server: settings, ...storageOptions } = options
  const connection = await connectTo(url, dbName, connect)
  const storage = new MongooseStorage({ connection, ...storageOptions })
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['hlVXvcadDS4QzWl3GUH7PfGoWRE0LBSZEdqMwn2_ig5Ca9aE'],
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://app.example.com/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'notes:read',
      },
    ],
    scopes: ['notes:read'],
    ...settings,
    storage,
  })
  const alarms: string[] = []
  server.on('grant.reuse_detected', () => alarms.push('grant.reuse_detected'))
  // Heard, so that it is not written to the error output: the tests look at the answers.
  server.on('request.failed', () => undefined)
  await server.ready()
  return {
    connection,
    storage,
    server,
    alarms,
    signIn: async (subject = 'alice') => {
      const tokens = await server.grants.issue({ clientId: CLIENT_ID, subject })
      return tokens.refresh_token ?? ''
    },
    refresh: (refreshToken, idempotencyKey) =>
      answerOf(
        server.tokens.refresh({
          refreshToken,
          clientId: CLIENT_ID,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        }),
      ),
    connected: () =>
      waitUntil('the connection is back', async () => {
        await storage.ping()
        return connection.readyState === mongoose.ConnectionStates.connected
      }),
    stop: async () => {
      await server.close()
      await connection.close()
    },
  }
}

async function answerOf(refreshing: ReturnType<AuthorizationServer['tokens']['refresh']>): Promise<Answer> {
  try {
    const tokens = await refreshing
    return { status: 200, refreshToken: tokens.refresh_token ?? '', accessToken: tokens.access_token }
  } catch (error) {
    if (error instanceof OAuthError) return { status: error.status, error: error.code }
    throw error
  }
}

/** The next refresh token of an answer that must be a 200. */
export function refreshed(answer: Answer): string {
  expect(answer).toMatchObject({ status: 200 })
  return 'refreshToken' in answer ? answer.refreshToken : ''
}
