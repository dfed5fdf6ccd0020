import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type {
  AuthorizationServer,
  AuthorizationServerOptions,
  ClientLookup,
  ClientMetadata,
  EndpointOptions,
  EndpointResponse,
  ServerEventName,
  Storage,
} from '@oauth-ratchet/core'
import { Clock } from './clock.js'

export const issuer = 'https://auth.example.com'
export const secret = '5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'
export const olderSecret = 'NKFzQI7P7pon-vn4tbvLYDeBbIEq4a3n3nCrP1jhgkEEUysk'
export const confidentialSecret = 'kR3vQd8uXz1LwT6yB9mNc4pHs7jFa2gE5oVi0rUxKtY'
export const introspectionSecret = 'Zq7nWb2sLx9dPf4hJm6kTc1vRy8gEo3aUi5wXp0zNeM'

export const redirectUri = 'https://a.example/cb'

const browser = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'read write',
} as const

/** A and B: two public apps. */
export const clientA = { ...browser, client_id: 'app-a', redirect_uris: [redirectUri] }
export const clientB = { ...browser, client_id: 'app-b', redirect_uris: ['https://b.example/cb'] }

/** C: confidential, with every grant type that takes one. */
export const clientC = {
  client_id: 'web-c',
  client_secret: confidentialSecret,
  redirect_uris: ['https://c.example/cb'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'password'],
  scope: 'read write',
} satisfies ClientMetadata

/** A resource server: it only introspects. */
export const resourceServer = {
  client_id: 'api',
  client_secret: introspectionSecret,
  grant_types: [],
  may_introspect: 'any',
} satisfies ClientMetadata

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export type Form = Readonly<Record<string, string>> | string

export interface SentWith {
  readonly headers?: Readonly<Record<string, string>>
  readonly address?: string
  readonly options?: EndpointOptions
}

/** An event with its name, as it was raised. */
export interface RaisedEvent {
  readonly name: ServerEventName
  readonly event: Readonly<Record<string, unknown>>
}

export interface TestServer {
  readonly server: AuthorizationServer
  readonly clock: Clock
  readonly storage: Storage
  /** Every event since the server was made. */
  readonly raised: RaisedEvent[]
  /** The events of one name. */
  events(name: ServerEventName): Readonly<Record<string, unknown>>[]
  token(form: Form, sent?: SentWith): Promise<Answer>
  /** Refreshes as client A. */
  refresh(refreshToken: string, form?: Readonly<Record<string, string>>, sent?: SentWith): Promise<Answer>
  revoke(form: Form, sent?: SentWith): Promise<Answer>
  /**
   * Asks as the resource server. Of refresh tokens, which only their own client may ask about, and no public one, it
   * asks a second server on the same storage at which client A is confidential.
   */
  introspect(token: string): Promise<Answer>
  introspectAs(form: Form, sent?: SentWith): Promise<Answer>
}

const eventNames: readonly ServerEventName[] = [
  'grant.issued',
  'grant.turned',
  'grant.repeated',
  'grant.reuse_detected',
  'grant.revoked',
  'client.changed',
  'client.authentication_failed',
  'user.authentication_failed',
  'token.import_refused',
  'token.unknown_key',
  'request.failed',
]

/** A server with a movable clock, the clients above and a store in memory; options can be put over. */
export function startServer(
  options: Partial<AuthorizationServerOptions> = {},
  clock: Clock = new Clock(),
): TestServer {
  const storage = options.storage ?? new MemoryStorage()
  const { clients = [clientA, clientB, clientC, resourceServer], authenticateUser } = options
  const all: AuthorizationServerOptions = {
    issuer,
    secrets: [secret],
    scopes: ['read', 'write', 'admin', 'offline_access'],
    now: clock.now,
    sweepInterval: 0,
    ...options,
    clients: authenticateUser === undefined ? withoutPassword(clients) : clients,
    storage,
  }
  const server = createAuthorizationServer(all)
  let confidential: AuthorizationServer | undefined
  const raised: RaisedEvent[] = []
  for (const name of eventNames) {
    server.on(name, (event) => raised.push({ name, event: event as unknown as RaisedEvent['event'] }))
  }
  const { endpoints } = server
  const token = (form: Form, sent: SentWith = {}) =>
    answer(endpoints.token(formRequest(form, sent), sent.options))
  const introspectAs = (form: Form, sent: SentWith = {}) =>
    answer(endpoints.introspect(formRequest(form, sent)))
  return {
    server,
    clock,
    storage,
    raised,
    events: (name) => raised.filter((one) => one.name === name).map((one) => one.event),
    token,
    refresh: (refreshToken, form = {}, sent = {}) =>
      token(
        {
          grant_type: 'refresh_token',
          client_id: clientA.client_id,
          refresh_token: refreshToken,
          ...form,
        },
        sent,
      ),
    revoke: (form, sent = {}) => answer(endpoints.revoke(formRequest(form, sent), sent.options)),
    introspect: (text) => {
      const client_id = text.startsWith('orr_') ? clientA.client_id : resourceServer.client_id
      const request = formRequest({ token: text, client_id, client_secret: introspectionSecret }, {})
      if (client_id !== clientA.client_id) return answer(endpoints.introspect(request))
      confidential ??= createAuthorizationServer({ ...all, clients: withConfidentialA(all.clients) })
      return answer(confidential.endpoints.introspect(request))
    },
    introspectAs,
  }
}

function withConfidentialA(clients: AuthorizationServerOptions['clients']): ClientLookup {
  return async (id) => {
    const found =
      typeof clients === 'function' ? await clients(id) : clients?.find((client) => client.client_id === id)
    if (found === undefined || found === null || id !== clientA.client_id) return found
    const { token_endpoint_auth_method: _, ...metadata } = found
    return { ...metadata, client_secret: introspectionSecret }
  }
}

/** A client cannot be registered for the password grant where there is none. */
function withoutPassword(clients: NonNullable<AuthorizationServerOptions['clients']>) {
  if (typeof clients === 'function') return clients
  return clients.map((client) => ({
    ...client,
    ...(client.grant_types !== undefined && {
      grant_types: client.grant_types.filter((type) => type !== 'password'),
    }),
  }))
}

/** A POST with a form, as the endpoints see it. */
export function formRequest(form: Form, { headers = {}, address = '192.0.2.1' }: SentWith = {}) {
  const text = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    query: '',
    body: Buffer.from(text),
    remoteAddress: address,
  }
}

/** HTTP Basic as RFC 6749 §2.3.1 has it: both halves form-encoded. */
export function basic(id: string, password: string): { authorization: string } {
  const pair = `${formEncoded(id)}:${formEncoded(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2)
}

export async function answer(response: EndpointResponse | Promise<EndpointResponse>): Promise<Answer> {
  const { status, headers, body } = await response
  return { status, headers, body: JSON.parse(body) as Record<string, unknown> }
}
