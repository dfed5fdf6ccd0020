import { randomBytes } from 'node:crypto'
import ExpressOAuthServer from '@node-oauth/express-oauth-server'
import type OAuth2Server from '@node-oauth/oauth2-server'
import express from 'express'
import type { Express } from 'express'
import request from 'supertest'

type Saved = OAuth2Server.Token

export const clientSecret = 'a-secret-of-the-web-client'
export const users = new Map([['u1', { id: 'u1', name: 'alice' }]])

/** The model that an app has: clients, users, codes and tokens of its own, in memory and in a class as many are. */
export class AppModel {
  readonly #tokens: Saved[] = []
  readonly codes = new Map<string, OAuth2Server.AuthorizationCode>()
  readonly client = {
    id: 'web',
    grants: ['password', 'authorization_code', 'client_credentials', 'refresh_token'],
  }
  readonly other = { id: 'other', grants: ['refresh_token'] }
  lookups = 0

  async getClient(id: string, secret: string | null) {
    if (secret !== null && secret !== clientSecret) return undefined
    return [this.client, this.other].find((client) => client.id === id)
  }

  async getUser(name: string, password: string) {
    return password === 'right' ? [...users.values()].find((user) => user.name === name) : undefined
  }

  async getUserFromClient(client: OAuth2Server.Client) {
    return { id: `client-${client.id}` }
  }

  async validateScope(_user: unknown, _client: unknown, scope: string[] = ['read']) {
    return scope.every((value) => ['read', 'write'].includes(value)) ? scope : undefined
  }

  async verifyScope(token: Saved, scope: string[]) {
    return scope.every((value) => token.scope?.includes(value))
  }

  async saveToken(token: Saved, client: OAuth2Server.Client, user: OAuth2Server.User) {
    const saved = { ...token, client, user }
    this.#tokens.push(saved)
    return saved
  }

  async getAccessToken(text: string) {
    return this.#tokens.find(({ accessToken }) => accessToken === text)
  }

  async getRefreshToken(text: string) {
    this.lookups += 1
    const found = this.#tokens.find(({ refreshToken }) => refreshToken === text)
    return found as OAuth2Server.RefreshToken | undefined
  }

  async revokeToken({ refreshToken }: OAuth2Server.RefreshToken) {
    const at = this.#tokens.findIndex((token) => token.refreshToken === refreshToken)
    if (at >= 0) this.#tokens.splice(at, 1)
    return at >= 0
  }

  async getAuthorizationCode(text: string) {
    return this.codes.get(text)
  }

  async saveAuthorizationCode() {
    return undefined
  }

  async revokeAuthorizationCode({ authorizationCode }: OAuth2Server.AuthorizationCode) {
    return this.codes.delete(authorizationCode)
  }

  /** A code as the authorization endpoint saves it. */
  code(): string {
    const authorizationCode = randomBytes(16).toString('hex')
    this.codes.set(authorizationCode, {
      authorizationCode,
      expiresAt: new Date(Date.now() + 60_000),
      redirectUri: 'https://app.example/cb',
      scope: ['read'],
      client: this.client,
      user: { id: 'u1' },
    })
    return authorizationCode
  }
}

/** The app: what changes with the ratchet is what it gives to the library. */
export function appWith(options: OAuth2Server.ServerOptions): Express {
  const oauth = new ExpressOAuthServer(options)
  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.post('/token', oauth.token())
  app.get('/me', oauth.authenticate({ scope: ['read'] }), (_req, res) => {
    const { token } = (res.locals as { oauth: { token: Saved } }).oauth
    res.json({ user: token.user, client: token.client.id, scope: token.scope })
  })
  return app
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, string>
}

export async function ask(app: Express, form: Record<string, string>, headers: Record<string, string> = {}) {
  const { status, body } = (await request(app)
    .post('/token')
    .type('form')
    .set(headers)
    .send({ client_id: 'web', client_secret: clientSecret, ...form })) as Answer
  return { status, body }
}

export const signIn = (app: Express, form: Record<string, string> = {}) =>
  ask(app, { grant_type: 'password', username: 'alice', password: 'right', ...form })

export const refresh = (app: Express, token = '', form: Record<string, string> = {}, headers = {}) =>
  ask(app, { grant_type: 'refresh_token', refresh_token: token, ...form }, headers)

export async function me(app: Express, accessToken = '') {
  const { status, body } = (await request(app).get('/me').set('authorization', `Bearer ${accessToken}`)) as {
    status: number
    body: unknown
  }
  return { status, body }
}
