// Uses every package as an app in TypeScript does. Compiled as an ES module and as CommonJS, by old and new compilers,
// against both ends of the peer ranges, and run.
import { trace } from '@opentelemetry/api'
import { createClient, type Client, type ClientOptions } from '@oauth-ratchet/client'
import { attachToAxios } from '@oauth-ratchet/client/axios'
import { fileSession } from '@oauth-ratchet/client/node'
import {
  ConfigurationError,
  createAuthorizationServer,
  MemoryStorage,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type Storage,
} from '@oauth-ratchet/core'
import '@oauth-ratchet/express/augment'
import {
  adminRouter,
  getAuth,
  oauthErrorHandler,
  oauthRouter,
  requireToken,
  sendTokens,
  sessionsRouter,
  wellKnownRouter,
  type OAuthRouterOptions,
} from '@oauth-ratchet/express'
import { oauthHandler } from '@oauth-ratchet/http'
import { wellKnownOf } from '@oauth-ratchet/http/adapter'
import { MongooseStorage } from '@oauth-ratchet/mongoose'
import { addRatchet } from '@oauth-ratchet/oauth2-server'
import { instrument } from '@oauth-ratchet/opentelemetry'
import { RedisStorage } from '@oauth-ratchet/redis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { contractCases, type StorageHarness } from '@oauth-ratchet/storage-contract'
import { createTestServer } from '@oauth-ratchet/testing'
import axios from 'axios'
import Database from 'better-sqlite3'
import express, { type Express, type Request } from 'express'
import { Cluster, Redis } from 'ioredis'
import mongoose from 'mongoose'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { copyStorage, version } from 'oauth-ratchet'

const options = {
  issuer: 'http://127.0.0.1',
  secrets: ['mfhh82dxg1z3pnVL4qFM839r-CFu2ydhLpbKyPClE0pp81sZ'],
  storage: new SqliteStorage({ database: new Database(':memory:') }),
  scopes: ['notes:read'],
  clients: [
    {
      client_id: 'app',
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'notes:read',
    },
  ],
  accessToken: { lifetime: 900 },
  refreshToken: { idleLifetime: 86_400, absoluteLifetime: null },
} satisfies AuthorizationServerOptions

/** What apps with other storages write; nothing is connected to. */
function otherStorages(): Storage[] {
  const client = new Redis({ lazyConnect: true })
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true })
  const connection = mongoose.createConnection()
  return [
    new RedisStorage({ client }),
    new RedisStorage({ client: cluster, prefix: 'app:' }),
    new MongooseStorage({ connection }),
    new MemoryStorage(),
  ]
}

function createApp(server: AuthorizationServer): Express {
  const app = express()
  const router: OAuthRouterOptions = {
    signIn: (req: Request) => ({ subject: req.hostname }),
    consent: () => ({ scope: 'notes:read' }),
  }
  app.use(wellKnownRouter(server))
  app.use('/oauth', oauthRouter(server, router))
  app.use('/sessions', sessionsRouter(server, { scope: 'notes:read' }))
  app.use('/admin', adminRouter(server, { scope: 'notes:read' }))
  app.get('/notes', requireToken(server, { scope: 'notes:read' }), (req, res) => {
    res.json({ subject: getAuth(req).subject, scope: req.auth?.scope })
  })
  app.post('/login', (_req, res, next) => {
    server.grants
      .issue({ clientId: 'app', subject: 'alice' })
      .then((tokens) => sendTokens(res, tokens))
      .catch(next)
  })
  app.use(oauthErrorHandler())
  return app
}

async function main(): Promise<void> {
  const server = createAuthorizationServer(options)
  const stop = instrument(server, { tracer: trace.getTracer('app') })
  await server.ready()
  const listener = createServer(createApp(server)).listen(0, '127.0.0.1')
  await new Promise((listening) => listener.once('listening', listening))
  const base = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`

  const tokensOf = async (response: Response) =>
    (await response.json()) as { access_token: string; refresh_token: string }
  const login = await tokensOf(await fetch(`${base}/login`, { method: 'POST' }))
  const refreshed = await tokensOf(
    await fetch(`${base}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'app',
        refresh_token: login.refresh_token,
      }),
    }),
  )
  const notes = await fetch(`${base}/notes`, {
    headers: { authorization: `Bearer ${refreshed.access_token}` },
  })
  const refused = await fetch(`${base}/notes`)

  const clientOptions: ClientOptions = { issuer: 'https://auth.example.com', clientId: 'app' }
  const client: Client = createClient(clientOptions)
  const detach = attachToAxios(axios.create(), client)
  detach()
  const harness: Pick<StorageHarness, 'dispose'> = { dispose: () => Promise.resolve() }
  await harness.dispose()

  console.log(
    JSON.stringify({
      notes: [notes.status, await notes.json(), refused.status],
      handler: typeof oauthHandler(server),
      storages: otherStorages().length,
      cases: contractCases.length > 100,
      wellKnown: typeof wellKnownOf,
      session: typeof fileSession,
      copy: typeof copyStorage,
      adoption: typeof addRatchet,
      clock: typeof createTestServer().clock.advance,
      error: new ConfigurationError('issuer.invalid', 'no') instanceof Error,
      version,
    }),
  )
  stop()
  await server.close()
  listener.close()
}

main().then(
  // A cluster client that was never connected keeps no process alive in every version.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
