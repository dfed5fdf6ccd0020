import OAuth2Server from '@node-oauth/oauth2-server'
import { isOAuthError } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { libraryError } from './library-error.js'
import { libraryToken } from './library-token.js'
import type { RatchetModel, RatchetOptions } from './options.js'

type TokenMethods = Pick<
  OAuth2Server.RefreshTokenModel,
  'saveToken' | 'getAccessToken' | 'getRefreshToken' | 'revokeToken'
>

const isRefreshToken = (text: string): boolean => text.startsWith('orr_')
const isAccessToken = (text: string): boolean => text.startsWith('ora_')

/** The methods of the model that tokens go through: ours are the server's, all others the model's own. */
export function tokensOfOurs(
  server: AuthorizationServer,
  model: RatchetModel,
  { subjectOf, findUser, server: { scopes } }: RatchetOptions,
): TokenMethods {
  const hasScopes = scopes !== undefined && Object.keys(scopes).length > 0

  return {
    async saveToken(token, client, user) {
      // Client credentials, and grants of the app's own without a refresh token.
      if (token.refreshToken === undefined) return model.saveToken(token, client, user)
      const scope = [token.scope ?? []].flat()
      // Left out, it would be everything (RFC 6749 §3.3 has the server refuse, where it has no default).
      if (hasScopes && scope.length === 0)
        throw new OAuth2Server.InvalidScopeError(
          'A scope is missing: the model has no validateScope that gives one.',
        )
      try {
        const issued = await server.grants.issue({
          clientId: client.id,
          subject: subjectOf(user),
          ...(scope.length > 0 && { scope }),
        })
        return libraryToken(issued, client, user)
      } catch (error) {
        throw libraryError(error)
      }
    },

    async getAccessToken(text) {
      const auth = await verified(server, text)
      if (auth === undefined) return isAccessToken(text) ? undefined : model.getAccessToken(text)
      const user = auth.subject === undefined ? undefined : await findUser(auth.subject)
      if (user === undefined || user === null) return undefined
      const { clientId, expiresAt, scope } = auth
      return {
        accessToken: text,
        accessTokenExpiresAt: new Date(expiresAt),
        scope: [...scope],
        client: { id: clientId, grants: [] },
        user,
      }
    },

    async getRefreshToken(text) {
      if (!isRefreshToken(text)) return model.getRefreshToken?.(text)
      const { active, sub, client_id, exp, scope } = await server.tokens.introspect(text)
      const user = active ? await findUser(sub as string) : undefined
      if (user === undefined || user === null) return undefined
      return {
        refreshToken: text,
        refreshTokenExpiresAt: new Date(Number(exp) * 1000),
        ...(typeof scope === 'string' && { scope: scope.split(' ') }),
        client: { id: client_id as string, grants: [] },
        user,
      }
    },

    async revokeToken(token) {
      try {
        await server.tokens.revoke(token.refreshToken)
      } catch (error) {
        throw libraryError(error)
      }
      // In the app's own store it ends as well, so that nothing is left when the import is over.
      if (!isRefreshToken(token.refreshToken)) await model.revokeToken?.(token)
      return true
    },
  }
}

/** Who an access token of ours speaks for; undefined for one that is not good, or not ours. */
async function verified(server: AuthorizationServer, text: string) {
  if (!isAccessToken(text) && !(server.settings.accessTokenFormat === 'jwt' && text.includes('.')))
    return undefined
  try {
    return await server.tokens.verify(text)
  } catch (error) {
    if (isOAuthError(error) && error.status === 401) return undefined
    throw libraryError(error)
  }
}
