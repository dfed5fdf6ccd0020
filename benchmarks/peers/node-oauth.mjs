// @node-oauth/oauth2-server in Express with a model on ioredis, as its guide describes the refresh token grant's model:
// a key a token, revokeToken answers whether it removed it. Tokens are its own random ones.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import express from 'express'
import { Redis } from 'ioredis'
import OAuth2Server from '@node-oauth/oauth2-server'

const ACCESS_SECONDS = 900
const REFRESH_SECONDS = 2_592_000
const client = { id: 'app', grants: ['refresh_token'] }

export async function start(_, urls) {
  const redis = new Redis(urls.redis)
  const model = modelOn(redis)
  const oauth = new OAuth2Server({
    model,
    accessTokenLifetime: ACCESS_SECONDS,
    refreshTokenLifetime: REFRESH_SECONDS,
    requireClientAuthentication: { refresh_token: false },
  })
  const app = express()
  app.post('/oauth/token', express.urlencoded({ extended: false }), async (req, res) => {
    const response = new OAuth2Server.Response(res)
    // On failure the response has the error's body and status.
    await oauth.token(new OAuth2Server.Request(req), response).catch(() => {})
    res.set(response.headers).status(response.status).send(response.body)
  })
  const issue = async (index) => {
    const refreshToken = randomUUID()
    await model.saveToken(
      {
        accessToken: randomUUID(),
        accessTokenExpiresAt: inSeconds(ACCESS_SECONDS),
        refreshToken,
        refreshTokenExpiresAt: inSeconds(REFRESH_SECONDS),
        scope: ['notes:read', 'notes:write'],
      },
      client,
      { id: `user-${index}` },
    )
    return refreshToken
  }
  return { server: createServer(app), issue, close: () => redis.disconnect() }
}

function modelOn(redis) {
  return {
    getClient: async (id) => (id === client.id ? client : undefined),
    getRefreshToken: async (token) => {
      const value = await redis.get(`refresh:${token}`)
      if (value === null) return undefined
      const { expiresAt, scope, user } = JSON.parse(value)
      return { refreshToken: token, refreshTokenExpiresAt: new Date(expiresAt), scope, client, user }
    },
    revokeToken: async ({ refreshToken }) => (await redis.del(`refresh:${refreshToken}`)) === 1,
    saveToken: async (token, { id: clientId }, user) => {
      const { scope } = token
      const access = { expiresAt: token.accessTokenExpiresAt, clientId, scope, user }
      const refresh = { expiresAt: token.refreshTokenExpiresAt, clientId, scope, user }
      await redis
        .pipeline()
        .set(`access:${token.accessToken}`, JSON.stringify(access), 'EX', ACCESS_SECONDS)
        .set(`refresh:${token.refreshToken}`, JSON.stringify(refresh), 'EX', REFRESH_SECONDS)
        .exec()
      return { ...token, client, user }
    },
  }
}

function inSeconds(seconds) {
  return new Date(Date.now() + seconds * 1000)
}
