// @jmondi/oauth2-server in Express with repositories on ioredis, as its documentation describes them; with
// `useOpaqueRefreshTokens`, which saves it a signature and a verification. Access tokens are its JWTs, HS256.
import { createServer } from 'node:http'
import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import { Redis } from 'ioredis'
import { AuthorizationServer, DateInterval, generateRandomToken } from '@jmondi/oauth2-server'
import { handleExpressError, handleExpressResponse, requestFromExpress } from '@jmondi/oauth2-server/express'

const ACCESS_LIFETIME = new DateInterval('15m')
const REFRESH_LIFETIME = new DateInterval('30d')
const scopes = [{ name: 'notes:read' }, { name: 'notes:write' }]
const client = { id: 'app', name: 'App', redirectUris: [], allowedGrants: ['refresh_token'], scopes }

export async function start(_, urls) {
  const redis = new Redis(urls.redis)
  const tokens = tokensOn(redis)
  const server = new AuthorizationServer(clients, tokens, scopeRepository, randomBytes(32).toString('hex'), {
    useOpaqueRefreshTokens: true,
  })
  server.enableGrantType('refresh_token', ACCESS_LIFETIME)
  const app = express()
  app.post('/oauth/token', express.urlencoded({ extended: false }), async (req, res) => {
    try {
      handleExpressResponse(res, await server.respondToAccessTokenRequest(requestFromExpress(req)))
    } catch (error) {
      handleExpressError(error, res)
    }
  })
  const issue = async (index) => {
    const token = await tokens.issueToken(client, scopes, { id: `user-${index}` })
    await tokens.persist(token)
    return (await tokens.issueRefreshToken(token)).refreshToken
  }
  return { server: createServer(app), issue, close: () => redis.disconnect() }
}

const clients = {
  getByIdentifier: async () => client,
  isClientValid: async (grantType, { allowedGrants }) => allowedGrants.includes(grantType),
}

const scopeRepository = {
  getAllByIdentifiers: async (names) => scopes.filter(({ name }) => names.includes(name)),
  finalize: async (granted) => granted,
}

/** A row for each pair of tokens, found by access token, and by its refresh token through a second key. */
function tokensOn(redis) {
  return {
    issueToken: async (_, granted, user) => ({
      accessToken: generateRandomToken(),
      accessTokenExpiresAt: ACCESS_LIFETIME.getEndDate(),
      refreshToken: null,
      refreshTokenExpiresAt: null,
      client,
      user,
      scopes: granted,
    }),
    persist: async (token) => {
      await redis.set(rowKey(token), row(token), 'PXAT', expiresAt(token))
    },
    issueRefreshToken: async (token) => {
      token.refreshToken = randomUUID()
      token.refreshTokenExpiresAt = REFRESH_LIFETIME.getEndDate()
      await redis
        .pipeline()
        .set(rowKey(token), row(token), 'PXAT', expiresAt(token))
        .set(`refresh:${token.refreshToken}`, rowKey(token), 'PXAT', expiresAt(token))
        .exec()
      return token
    },
    getByRefreshToken: async (refreshToken) => {
      const key = await redis.get(`refresh:${refreshToken}`)
      const value = key === null ? null : await redis.get(key)
      if (value === null) throw new Error('There is no such refresh token.')
      const stored = JSON.parse(value)
      return {
        ...stored,
        accessTokenExpiresAt: new Date(stored.accessTokenExpiresAt),
        refreshTokenExpiresAt: new Date(stored.refreshTokenExpiresAt),
        client,
        user: { id: stored.userId },
        scopes: scopes.filter(({ name }) => stored.scopes.includes(name)),
      }
    },
    isRefreshTokenRevoked: async ({ refreshTokenExpiresAt }) => Date.now() > refreshTokenExpiresAt.getTime(),
    // Both tokens of the row end, and the row stays until it would have expired.
    revoke: async (token) => {
      const ended = { ...token, accessTokenExpiresAt: new Date(0), refreshTokenExpiresAt: new Date(0) }
      await redis.set(rowKey(token), row(ended), 'KEEPTTL')
    },
  }
}

function rowKey({ accessToken }) {
  return `token:${accessToken}`
}

function row({ user, scopes: granted, client: { id: clientId }, ...rest }) {
  return JSON.stringify({ ...rest, userId: user?.id, clientId, scopes: granted.map(({ name }) => name) })
}

function expiresAt({ refreshTokenExpiresAt, accessTokenExpiresAt }) {
  return (refreshTokenExpiresAt ?? accessTokenExpiresAt).getTime()
}
