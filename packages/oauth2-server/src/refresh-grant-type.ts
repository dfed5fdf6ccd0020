import OAuth2Server from '@node-oauth/oauth2-server'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { libraryError } from './library-error.js'
import { libraryToken } from './library-token.js'
import type { RatchetOptions } from './options.js'

/** A grant type as the library makes one for each request. */
export type GrantTypeClass = new (options: OAuth2Server.TokenOptions) => OAuth2Server.AbstractGrantType

/**
 * The refresh grant on a server of ours, for `extendedGrantTypes`. The library has authenticated the client.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
export function grantTypeOf(
  server: AuthorizationServer,
  { remoteAddress }: Pick<RatchetOptions, 'remoteAddress'>,
): GrantTypeClass {
  return class RatchetGrantType extends OAuth2Server.AbstractGrantType {
    async handle(request: OAuth2Server.Request, client: OAuth2Server.Client): Promise<OAuth2Server.Token> {
      const { refresh_token: refreshToken } = (request.body ?? {}) as { refresh_token?: unknown }
      if (typeof refreshToken !== 'string' || refreshToken === '')
        throw new OAuth2Server.InvalidRequestError('Missing parameter: `refresh_token`')
      const scope = this.getScope(request) as string[] | undefined
      try {
        const response = await server.tokens.refresh({
          refreshToken,
          clientId: client.id,
          ...(scope !== undefined && { scope }),
          idempotencyKey: request.get('idempotency-key') as string | undefined,
          userAgent: request.get('user-agent') as string | undefined,
          remoteAddress: remoteAddress?.(request),
        })
        // Whose session it is, the answer does not say and the library does not need; it wants an object.
        return libraryToken(response, client, {})
      } catch (error) {
        throw libraryError(error)
      }
    }
  }
}
