import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type {
  AuthorizationRequest,
  AuthorizationServer,
  AuthorizationServerOptions,
  SignIn,
} from '@oauth-ratchet/core'
import express5 from 'express'
import express4 from 'express4'
import type { Express, Response as ExpressResponse } from 'express'
import { oauthRouter, wellKnownRouter } from '@oauth-ratchet/express'
import type { OAuthRouterOptions } from '@oauth-ratchet/express'
import request from 'supertest'

export type ExpressModule = typeof express5

/** Every suite runs on both. */
export const versions: readonly (readonly [string, ExpressModule])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
]

export const issuer = 'https://auth.example.com'
export const redirectUri = 'https://app.example/cb'
// The pair of RFC 7636 Appendix B.
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
export const startsAt = Date.UTC(2030, 0, 1)

const both = ['authorization_code', 'refresh_token']
export const serviceSecret = 'zm96-bthd2LWT2cX1APoZlcAYFuIGJwPTE0ZNmoZVAq'
export const apiSecret = 'qaz9jNr6qBK-J15_u7jPnFFMmiOK7hPVZFwL2kgd9BI'

export const clients = [
  {
    client_id: 'spa',
    client_name: 'Notebook',
    token_endpoint_auth_method: 'none',
    redirect_uris: [redirectUri],
    grant_types: both,
    scope: 'read write',
  },
  {
    client_id: 'evil',
    client_name: '<script>alert(1)</script>"\'&\u202e',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['com.example.app:/cb'],
    scope: 'read',
  },
  { client_id: 'service', client_secret: serviceSecret, grant_types: ['client_credentials'], scope: 'read' },
  {
    client_id: 'api',
    client_secret: apiSecret,
    grant_types: ['client_credentials'],
    may_introspect: 'any',
  },
] as const

/** A server whose clock stands still until a test moves it. */
export function makeServer(options: Partial<AuthorizationServerOptions> = {}) {
  const clock = { now: startsAt }
  const server = createAuthorizationServer({
    issuer,
    secrets: ['PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'],
    storage: new MemoryStorage(),
    scopes: { read: 'Read your <notes>', write: 'Change your notes' },
    clients,
    sweepInterval: 0,
    now: () => clock.now,
    ...options,
  })
  return { server, clock }
}

const fail = () => Promise.reject(new Error('The storage is down.'))

/** A storage that cannot be reached for anything that a token is judged by. */
export function brokenStorage(): MemoryStorage {
  const storage = new MemoryStorage()
  Object.assign(storage.grants, { find: fail, turn: fail, create: fail })
  return storage
}

/** The app's own session, reduced to what the router sees of it: who is signed in, and where they were sent. */
export interface Session {
  signIn: SignIn | undefined
  readonly asked: AuthorizationRequest[]
}

/** A `signIn` like an app's: a session counts unless a new sign-in is asked for, and else there is the login page. */
export function signInWith(session: Session) {
  return (_req: unknown, res: ExpressResponse, authorization: AuthorizationRequest): SignIn | undefined => {
    session.asked.push(authorization)
    if (session.signIn !== undefined && !authorization.mustReauthenticate) return session.signIn
    if (!authorization.prompt.includes('none'))
      res.redirect(303, `/login?returnTo=${encodeURIComponent(authorization.returnTo)}`)
    return undefined
  }
}

export interface TestApp {
  readonly app: Express
  readonly server: AuthorizationServer
  readonly clock: { now: number }
  readonly session: Session
}

/** An app as the README shows it, with somebody signed in. */
export function makeApp(
  express: ExpressModule,
  options: OAuthRouterOptions & {
    server?: Partial<AuthorizationServerOptions>
    before?: (app: Express) => void
  } = {},
): TestApp {
  const { server: serverOptions, before, ...routerOptions } = options
  const { server, clock } = makeServer(serverOptions)
  const session: Session = { signIn: { subject: 'alice', authTime: startsAt / 1000 }, asked: [] }
  const app = express()
  before?.(app)
  app.use(wellKnownRouter(server))
  app.use('/oauth', oauthRouter(server, { signIn: signInWith(session), ...routerOptions }))
  return { app, server, clock, session }
}

/** Parameters of a good authorization request, with changes; undefined leaves one out. */
export function authorizationQuery(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters = {
    client_id: 'spa',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'read write',
    state: 'a b&=é"<>',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  const kept = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return new URLSearchParams(kept).toString()
}

export function authorize(app: Express, changes: Readonly<Record<string, string | undefined>> = {}) {
  return request(app).get(`/oauth/authorize?${authorizationQuery(changes)}`)
}

/** What a consent page holds, and the cookie that came with it. */
export async function consentForm(app: Express, changes: Readonly<Record<string, string | undefined>> = {}) {
  const response = await authorize(app, changes)
  return { response, sealed: sealedIn(response.text), cookie: cookieOf(response) }
}

/** The hidden field of a consent page. */
export function sealedIn(page: string): string {
  const sealed = /name="ratchet_consent" value="([^"]+)"/.exec(page)?.[1]
  if (sealed === undefined) throw new Error('That is no consent page.')
  return sealed
}

/** The first cookie that a response sets, as the browser sends it back. */
export function cookieOf(response: { headers: Record<string, unknown> }): string {
  const [first] = [response.headers['set-cookie']].flat()
  return asText(first).split(';')[0] ?? ''
}

export function decide(app: Express, cookie: string, fields: Readonly<Record<string, string>>) {
  return request(app).post('/oauth/authorize/decision').set('Cookie', cookie).type('form').send(fields)
}

/** What should be text, as text: a header, a member of a body. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}

/** The parameters of a redirect to the client. */
export function resultOf(response: { headers: Record<string, unknown> }): Record<string, string> {
  const location = new URL(asText(response.headers['location']))
  return Object.fromEntries(location.searchParams)
}

export function token(app: Express, fields: Readonly<Record<string, string>>) {
  return request(app).post('/oauth/token').type('form').send(fields)
}

export const clientCredentials = {
  grant_type: 'client_credentials',
  client_id: 'service',
  client_secret: serviceSecret,
} as const

/** The warnings of this project that are emitted while `work` runs. */
export async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    await work()
    // Node and the dependencies may have something of their own to say.
    const codes = spy.mock.calls.map(([, options]) =>
      String((options as { code?: unknown } | undefined)?.code),
    )
    return codes.filter((code) => code.startsWith('OAUTH_RATCHET_'))
  } finally {
    spy.mockRestore()
  }
}
