import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { oauthErrorHandler, oauthRouter, requireToken, wellKnownRouter } from '@oauth-ratchet/express'
import express from 'express'
import { bundleForBrowser } from '../bundle-for-browser.js'
import { API } from './storm-client.js'
import type { StormTokens } from './storm-client.js'
import { STORM_CLIENTS } from './storm-clients.js'
import type { ListedClient, StormClientName } from './storm-clients.js'

/** Longer than an access token lives, in ms. */
const EXPIRY_MS = 901_000

export interface StormServer {
  readonly origin: string
  /** Requests that the token endpoint has got. */
  readonly refreshes: () => number
  readonly signIn: (clientId: string) => Promise<StormTokens>
  /** Lets so much time pass at the server that every access token has expired. */
  readonly expire: () => void
  /** Carries out the next request to the token endpoint, and cuts its answer off after the header. */
  readonly loseNextAnswer: () => void
  /** No answer is lost any more. */
  readonly calm: () => void
  readonly close: () => Promise<void>
}

/** Id of the client that has the server's defaults, and of one with `reuse_grace: 10`. */
export const STORM_CLIENT_IDS = { strict: 'strict', grace: 'grace' } as const

/** A server of ours with its defaults, an API behind it, and a page for each client library, all of one origin. */
export async function startStormServer(): Promise<StormServer> {
  const app = express()
  const http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  let passed = 0
  let refreshes = 0
  let losing = false
  const client = {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${origin}/page`],
    scope: 'notes:read',
  } as const
  const server = createAuthorizationServer({
    issuer: origin,
    secrets: ['8Ff2pQvXk3mN7sLwRt5yUeHcJbGdZa9x'],
    storage: new MemoryStorage(),
    scopes: ['notes:read'],
    now: () => Date.now() + passed,
    clients: [
      { ...client, client_id: STORM_CLIENT_IDS.strict },
      { ...client, client_id: STORM_CLIENT_IDS.grace, reuse_grace: 10 },
    ],
  })
  // Here reuse is what is counted; with a listener the server prints no warning about it.
  server.on('grant.reuse_detected', () => {})

  app.post('/oauth/token', (_req, res, next) => {
    refreshes++
    if (losing) {
      losing = false
      res.end = (() => {
        res.flushHeaders()
        res.socket?.destroySoon()
        return res
      }) as never
    }
    next()
  })
  app.use(wellKnownRouter(server))
  app.use('/oauth', oauthRouter(server))
  app.get(API, requireToken(server, { scope: 'notes:read' }), (_req, res) => void res.json(['one']))

  // After the API, whose path looks like a page's.
  const pages = new Map<string, Promise<ReadonlyMap<string, string>>>()
  app.get('/:client/page', (_req, res) => {
    res.type('html').send('<!doctype html><title>storm</title><script type="module" src="page.js"></script>')
  })
  app.get('/:client/:file', async (req, res) => {
    const name = req.params.client as StormClientName
    const bundle = pages.get(name) ?? bundleForBrowser(pageOf(STORM_CLIENTS[name]), 'page')
    pages.set(name, bundle)
    res.type('js').send((await bundle).get(`/${req.params.file}`))
  })
  app.use(oauthErrorHandler())

  return {
    origin,
    refreshes: () => refreshes,
    signIn: async (clientId) =>
      (await server.grants.issue({ clientId, subject: 'alice' })) as unknown as StormTokens,
    expire() {
      passed += EXPIRY_MS
    },
    loseNextAnswer() {
      losing = true
    },
    calm() {
      losing = false
    },
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await server.close()
    },
  }
}

/** The program of a library's page. */
function pageOf({ module, setUp }: ListedClient): string {
  return `
    import { ${setUp} as setUp } from './storm/clients/${module}.ts'
    import { stormPage } from './storm/storm-page.ts'
    stormPage(setUp)`
}
