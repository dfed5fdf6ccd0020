import { createAuthorizationServer, StorageError } from '@oauth-ratchet/core'
import type { AuthorizationServer, ClientMetadata, Storage } from '@oauth-ratchet/core'
import { oauthRouter, sessionsRouter, wellKnownRouter } from '@oauth-ratchet/express'
import express, { Router } from 'express'
import type { ErrorRequestHandler, Express } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { apiRouter, statusOf } from './api.js'
import { consentCallback, rememberDecision } from './consent.js'
import { demoRouter } from './demo-router.js'
import { homePage } from './home-page.js'
import { markup } from './markup.js'
import { metricsOf, metricsRoute } from './metrics.js'
import { logEvents, logRequests } from './logging.js'
import { pagePolicy, sendPage } from './page.js'
import { browserSessions, EndedSessions } from './session.js'
import type { ServerSettings } from './settings.js'
import { accountUser, signInCallback, signInRouter } from './sign-in.js'
import { style } from './style.js'
import { tryItRouter } from './try-it.js'
import { checkPassword } from './users.js'
import { postEvents } from './webhook.js'
import type { Webhook } from './webhook.js'

/** What the app is made of; all of it checked and opened by whoever starts it. */
export interface AppOptions extends Pick<
  ServerSettings,
  | 'accessTokenFormat'
  | 'accessTokenLifetime'
  | 'refreshIdleLifetime'
  | 'refreshAbsoluteLifetime'
  | 'reuseGrace'
  | 'codeLifetime'
> {
  readonly issuer: string
  readonly allowInsecureIssuer?: ServerSettings['allowInsecureIssuer']
  readonly secrets: readonly string[]
  readonly storage: Storage
  readonly clients: readonly ClientMetadata[]
  /** Set when the clients are the demo ones. */
  readonly demo?: { readonly secretsFile: string | undefined } | undefined
  /** What examples/browser was built into; without it there is no `/demo/`. */
  readonly demoFolder?: string | undefined
  readonly logger: Logger
  /** Who may read `/metrics`. Default: programs on this machine. */
  readonly metricsToken?: string | undefined
  /** Posts what happens; without it nothing is posted. */
  readonly webhook?: Webhook | undefined
  /** The clock, in ms since the epoch; for tests. */
  readonly now?: () => number
}

export interface ExampleApp {
  readonly app: Express
  readonly server: AuthorizationServer
}

const scopes = {
  'notes:read': 'Read your notes',
  'notes:write': 'Write notes for you',
  sessions: 'See where you are signed in, and sign out there',
  offline_access: 'Stay signed in when you are away',
}

/**
 * The authorization server, its pages and the API, in one app.
 *
 * @throws ConfigurationError for options that cannot work
 */
export function createApp(options: AppOptions): ExampleApp {
  const { issuer, storage, logger, now = Date.now } = options
  const server = authorizationServer(options, now)
  logEvents(server, logger)
  if (options.webhook !== undefined) postEvents(server, options.webhook)

  const clientIds = options.clients.map(({ client_id }) => client_id)
  const metrics = metricsRoute(metricsOf(server, clientIds), { token: options.metricsToken, issuer })

  const prefix = new URL(issuer).pathname.replace(/\/$/, '')
  const ended = new EndedSessions(storage, now)
  const signInContext = { server, ended, prefix, now }

  const app = express()
  app.disable('x-powered-by')
  // With an https issuer something in front ends TLS; it is trusted where only the operator can have put it.
  if (issuer.startsWith('https:')) app.set('trust proxy', 'loopback, linklocal, uniquelocal')
  app.use(logRequests(logger))
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: pagePolicy },
      frameguard: { action: 'deny' },
      strictTransportSecurity: issuer.startsWith('https:'),
    }),
  )
  app.use(wellKnownRouter(server))
  const sessions = browserSessions(issuer, options.secrets)
  app.use(`${prefix}/oauth/authorize`, sessions)
  app.use(
    `${prefix}/oauth`,
    oauthRouter(server, {
      signIn: signInCallback(signInContext),
      consent: consentCallback,
      onDecision: rememberDecision,
    }),
  )

  const pages = Router()
  pages.get('/health', async (_req, res) => {
    try {
      await server.ping()
      res.set('cache-control', 'no-store').json({ status: 'ok' })
    } catch {
      res.status(503).set({ 'cache-control': 'no-store', 'retry-after': '1' }).json({ status: 'unavailable' })
    }
  })
  // With an access token that has the scope, for apps; the page below has the same for browsers.
  pages.use('/api/sessions', sessionsRouter(server))
  pages.get('/metrics', metrics)
  pages.use('/api', apiRouter(server, logger, now))
  pages.get('/style.css', (_req, res) => {
    res.set('cache-control', 'public, max-age=300').type('css').send(style)
  })
  const { demo, demoFolder: folder } = options
  if (folder !== undefined) {
    pages.use('/demo', demoRouter({ server, folder, prefix, hasClient: demo !== undefined }))
  }
  pages.use(sessions)
  pages.get('/', homePage({ server, prefix, now, demo, hasDemoPage: folder !== undefined }))
  pages.use('/account/sessions', sessionsRouter(server, { user: accountUser(signInContext) }))
  pages.use(signInRouter(signInContext))
  if (demo !== undefined) pages.use(tryItRouter(server, prefix))
  if (prefix !== '') app.use(prefix, pages)
  // At the root too, where probes and programs look that know nothing of the issuer.
  app.use(pages)

  app.use((_req, res) => {
    const content = markup`<p>There is no such page. <a href="${prefix}/">The home page</a> lists what there is.</p>`
    sendPage(res, { status: 404, title: 'Not found', shape: 'form', content, prefix })
  })
  app.use(pageErrors(logger, prefix))
  return { app, server }
}

function authorizationServer(options: AppOptions, now: () => number): AuthorizationServer {
  return createAuthorizationServer({
    issuer: options.issuer,
    allowInsecureIssuer: options.allowInsecureIssuer,
    secrets: options.secrets,
    storage: options.storage,
    clients: options.clients,
    scopes: scopesFor(options.clients),
    accessToken: { format: options.accessTokenFormat, lifetime: options.accessTokenLifetime },
    refreshToken: {
      idleLifetime: options.refreshIdleLifetime,
      absoluteLifetime: options.refreshAbsoluteLifetime,
      reuseGrace: options.reuseGrace,
    },
    authorizationCode: { lifetime: options.codeLifetime },
    // For the page that shows users where they are signed in.
    sessions: { keep: ['userAgent', 'remoteAddress'] },
    // No `isSubjectActive` and no `claims`: with them every refresh would be two storage calls and not one.
    authenticateUser: async (username, password) => {
      const subject = await checkPassword(username, password)
      return subject === undefined ? undefined : { subject, authTime: new Date(now()), amr: ['pwd'] }
    },
    now,
  })
}

/** The example's own, and what else the clients of a file are registered for: some API elsewhere knows what it means. */
function scopesFor(clients: readonly ClientMetadata[]): Readonly<Record<string, string>> {
  const names = clients.flatMap(({ scope }) => (typeof scope === 'string' ? scope.split(' ') : []))
  const others = names.filter((name) => name !== '' && !Object.hasOwn(scopes, name))
  return { ...scopes, ...Object.fromEntries(others.map((name) => [name, `Use ${name}`])) }
}

function pageErrors(logger: Logger, prefix: string): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const unavailable = error instanceof StorageError
    const status = unavailable ? 503 : statusOf(error)
    if (status >= 500) logger.error({ err: error }, 'request failed')
    if (res.headersSent) return next(error)
    if (unavailable) res.set('retry-after', '1')
    const advice =
      status >= 500
        ? 'Wait a moment and try again.'
        : 'Your browser sent something that this server does not take.'
    const content = markup`<p>${advice}</p>`
    sendPage(res, { status, title: 'Something went wrong', shape: 'form', content, prefix })
  }
}
