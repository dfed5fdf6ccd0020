import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, ClientMetadata, TokenResponse } from '@oauth-ratchet/core'
import {
  oauthErrorHandler,
  oauthRouter,
  requireToken,
  sendTokens,
  wellKnownRouter,
} from '@oauth-ratchet/express'
import express from 'express'
import type { Express, Request, Response } from 'express'
import type { BadNetwork } from './bad-network'

/** What happens to an answer of the token endpoint. The request is carried out in any case but `outage`. */
export type Weather = 'fair' | 'lost-answer' | 'late' | 'outage' | 'busy' | 'portal'

/** What a service is like beside the options of its server. */
export interface ServiceSetup {
  /** `refreshTokenCookie` for the client. */
  readonly cookie?: boolean
  /** Members of the client's metadata. */
  readonly client?: Partial<ClientMetadata>
  /** The host of its issuer. Default 127.0.0.1. */
  readonly host?: string
  /** What lies between the browser and it. The issuer is then there. */
  readonly network?: BadNetwork
}

export interface Service {
  readonly issuer: string
  readonly api: string
  /** What happens to the next requests to the token endpoint; `fair` afterwards. */
  readonly forecast: Weather[]
  /** Requests that the token and revocation endpoints got. */
  readonly refreshes: {
    readonly key: string | undefined
    readonly origin: string | undefined
    readonly site: string | undefined
    /** Whether the refresh token's cookie came with it. */
    readonly cookie: boolean
  }[]
  readonly revocations: string[]
  /** Names of the grant events raised. */
  readonly events: string[]
  signedIn(): Promise<TokenResponse>
  revokeAll(): Promise<number>
  /** Access tokens that the API answers 401 to, as it does to one that has expired. */
  readonly refused: Set<string>
  /** Refuses every access token that the API has seen so far. */
  expire(): void
  /** From now on the API takes each access token so many times. */
  expireAfter(uses: number): void
  /** Resolves when the token endpoint has carried out a request whose answer is `late`: it never comes. */
  nextRefresh(): Promise<void>
  /** Resolves with the status of the next answer of a token or revocation endpoint. */
  nextAnswer(): Promise<number>
  /** Resolves at the next turn of a grant. */
  nextTurn(): Promise<void>
  close(): Promise<void>
}

/** A real server of ours with an API behind it, whose network can be made bad. */
export async function startService(
  options: Partial<AuthorizationServerOptions> = {},
  pages?: (app: Express) => void,
  { cookie = false, client = {}, host = '127.0.0.1', network }: ServiceSetup = {},
): Promise<Service> {
  const app = express()
  const http = createServer(app)
  const port = await listen(http)
  network?.forwardTo(port)
  const issuer = `http://${host}:${network?.port ?? port}`
  const server = createAuthorizationServer({
    issuer,
    secrets: ['8Ff2pQvXk3mN7sLwRt5yUeHcJbGdZa9x'],
    storage: new MemoryStorage(),
    scopes: ['notes:read'],
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['http://127.0.0.1:9999/callback', `${issuer}/page`],
        scope: 'notes:read',
        ...client,
      },
    ],
    ...options,
  })
  const forecast: Weather[] = []
  const refreshes: Service['refreshes'] = []
  const revocations: string[] = []
  const events: string[] = []
  const refused = new Set<string>()
  const seen = new Map<string, number>()
  let mostUses = Infinity
  let carriedOut: (() => void) | undefined
  for (const name of ['grant.turned', 'grant.repeated', 'grant.reuse_detected', 'grant.revoked'] as const) {
    server.on(name, () => events.push(name))
  }
  app.use('/oauth/token', weather)
  function weather(req: Request, res: Response, next: () => void): void {
    if (req.method === 'POST') {
      refreshes.push({
        key: req.get('idempotency-key'),
        origin: req.get('origin'),
        site: req.get('sec-fetch-site'),
        cookie: req.get('cookie')?.includes('refresh-token-') ?? false,
      })
      const now = forecast.shift() ?? 'fair'
      if (now === 'outage') return void req.socket.destroy()
      if (now === 'busy')
        return void res.status(503).set('Retry-After', '1').json({ error: 'temporarily_unavailable' })
      if (now === 'portal') return void res.status(200).send('<html>Sign in to this network</html>')
      // The server does its work, and nothing of it arrives.
      if (now === 'lost-answer' || now === 'late') {
        res.end = (() => {
          if (now === 'lost-answer') req.socket.destroy()
          carriedOut?.()
          return res
        }) as never
      }
    }
    next()
  }
  app.use('/oauth/revoke', (req, _res, next) => {
    if (req.method === 'POST') revocations.push(req.url)
    next()
  })
  let answered: ((status: number) => void) | undefined
  app.use('/oauth', (req, res, next) => {
    if (req.method === 'POST') res.on('finish', () => answered?.(res.statusCode))
    next()
  })
  pages?.(app)
  app.use(wellKnownRouter(server))
  app.use(
    '/oauth',
    oauthRouter(server, {
      signIn: () => ({ subject: 'alice' }),
      consent: () => ({ scope: 'notes:read' }),
      ...(cookie && { refreshTokenCookie: { clients: ['app'] } }),
    }),
  )
  const signedIn = (): Promise<TokenResponse> => server.grants.issue({ clientId: 'app', subject: 'alice' })
  app.post('/login', async (_req, res) => sendTokens(res, await signedIn(), { server, clientId: 'app' }))
  app.use('/api', (req, res, next) => {
    const token = req.get('authorization')?.slice('Bearer '.length) ?? ''
    if (refused.has(token)) return void res.sendStatus(401)
    const uses = (seen.get(token) ?? 0) + 1
    seen.set(token, uses)
    if (uses >= mostUses) refused.add(token)
    next()
  })
  app.all('/api/notes', requireToken(server, { scope: 'notes:read' }), (req, res) => {
    res.json({ method: req.method, notes: ['one'] })
  })
  app.use(oauthErrorHandler())
  return {
    issuer,
    api: `${issuer}/api/notes`,
    forecast,
    refreshes,
    revocations,
    events,
    refused,
    expire() {
      for (const token of seen.keys()) refused.add(token)
    },
    expireAfter(uses) {
      mostUses = uses
    },
    nextRefresh: () =>
      new Promise((resolve) => {
        carriedOut = resolve
      }),
    nextAnswer: () =>
      new Promise((resolve) => {
        answered = resolve
      }),
    nextTurn: () =>
      new Promise((resolve) => {
        const heard = (): void => {
          server.off('grant.turned', heard)
          resolve()
        }
        server.on('grant.turned', heard)
      }),
    signedIn,
    revokeAll: () => server.grants.revokeAll({ subject: 'alice' }),
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await server.close()
    },
  }
}

async function listen(http: Server): Promise<number> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return (http.address() as AddressInfo).port
}
