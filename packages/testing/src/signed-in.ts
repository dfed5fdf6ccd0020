import { isOAuthError } from '@oauth-ratchet/core'
import type { AuthorizationServer, IssueOptions } from '@oauth-ratchet/core'
import type { Agent, AgentRequest, AgentResponse } from './agent.js'
import { testClientId } from './create-test-server.js'
import { Session } from './session.js'
import type { Refresh } from './session.js'
import { cookieOf, tokensOfResponse } from './tokens-of-response.js'

/** Who signs in, without the app's login: as `server.grants.issue`. */
export interface SignedInOptions extends Partial<Omit<IssueOptions, 'subject'>> {
  readonly server: AuthorizationServer
  readonly subject: string
}

/** Signing in by the app's own route, also one that puts the refresh token into a cookie. */
export interface LoginOptions<A> {
  readonly server: AuthorizationServer
  /** Sends the login; the answer is the token response, in the body, but for a refresh token in a cookie. */
  readonly login: (agent: A) => PromiseLike<AgentResponse>
  /** Default `app`. */
  readonly clientId?: string | undefined
  /** Where the app has the token endpoint. Default: where the server's metadata say. */
  readonly tokenPath?: string | undefined
}

/** The agent, whose requests carry an access token. */
export type SignedIn<A> = A & { readonly session: Session }

/**
 * An agent of supertest as somebody who is signed in: its requests carry a good access token, refreshed when it has expired by
 * the server's clock. A request that has an `Authorization` of its own keeps it. When the session has ended, the last token is
 * sent, and the app refuses it.
 *
 * ```ts
 * const alice = await signedIn(request(app), { server, subject: 'alice' })
 * await alice.get('/notes').expect(200)
 * ```
 *
 * @param agent `request(app)` or `request.agent(app)`, which is not changed
 * @throws what `server.grants.issue` throws; TypeError where the login gives no tokens
 */
export async function signedIn<A extends object>(
  agent: A,
  options: SignedInOptions | LoginOptions<A>,
): Promise<SignedIn<A>> {
  const session = 'login' in options ? await sessionByLogin(agent, options) : await sessionOf(options)
  const proxy: SignedIn<A> = new Proxy(agent, {
    get(target, name) {
      if (name === 'session') return session
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]) => {
        const made: unknown = Reflect.apply(member, target, parameters)
        if (made === target) return proxy
        return isRequest(made) ? withToken(made, session) : made
      }
    },
  }) as SignedIn<A>
  return proxy
}

/** The token is set when the request is sent, since a refresh may have to come before it. */
function withToken(request: AgentRequest, session: Session): AgentRequest {
  const end = request.end.bind(request)
  request.end = (callback) => {
    const send = async (): Promise<void> => {
      try {
        if (request.get('Authorization') === undefined) {
          await session.refreshIfExpired()
          request.set('Authorization', `Bearer ${session.accessToken}`)
        }
      } catch (error) {
        callback?.(error, undefined)
        return
      }
      end(callback)
    }
    void send()
    return request
  }
  return request
}

async function sessionOf({ server, clientId = testClientId, ...signIn }: SignedInOptions): Promise<Session> {
  const tokens = await server.grants.issue({ ...signIn, clientId })
  return new Session(server, tokens, async (refreshToken) => {
    try {
      return await server.tokens.refresh({ refreshToken, clientId })
    } catch (error) {
      if (isOAuthError(error) && error.code === 'invalid_grant') return undefined
      throw error
    }
  })
}

async function sessionByLogin<A extends object>(
  agent: A,
  { server, login, clientId = testClientId, tokenPath }: LoginOptions<A>,
): Promise<Session> {
  const path = tokenPath ?? new URL(server.settings.endpointUrl('token')).pathname
  const answer = await login(agent)
  // Sent by hand: the jar of an agent keeps no cookie that is for https.
  let cookie = cookieOf(answer.headers)
  const refresh: Refresh = async (refreshToken) => {
    const request = (agent as unknown as Agent).post(path).type('form')
    const form = { grant_type: 'refresh_token', client_id: clientId }
    if (cookie === undefined) request.send({ ...form, refresh_token: refreshToken })
    else {
      request.set('Cookie', `${cookie.name}=${refreshToken}`)
      request.set('Origin', new URL(server.settings.issuer).origin).send(form)
    }
    const refreshed = await request
    if ((refreshed.body as { error?: unknown } | null)?.error === 'invalid_grant') return undefined
    cookie = cookieOf(refreshed.headers) ?? cookie
    return tokensOfResponse(`POST ${path}`, refreshed)
  }
  return new Session(server, tokensOfResponse('The login', answer), refresh)
}

function isRequest(value: unknown): value is AgentRequest {
  const { set, end } = (value ?? {}) as Partial<AgentRequest>
  return typeof set === 'function' && typeof end === 'function'
}
