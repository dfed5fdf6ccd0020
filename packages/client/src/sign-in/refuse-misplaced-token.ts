import type { ServerMetadata } from '../discovery.js'
import { ClientError } from '../errors.js'
import { postForm } from '../session/post-form.js'
import type { SignInContext } from './sign-in-flow.js'

/**
 * Refuses first tokens whose refresh token is not where the client's store needs it. One that a script could read is
 * revoked, as far as the server can be reached.
 *
 * @param refreshToken the one of the body; undefined where it is in a cookie
 * @throws ClientError `configuration`
 */
export async function refuseMisplacedToken(
  { clientId, fetcher, timeoutMs }: Pick<SignInContext, 'clientId' | 'fetcher' | 'timeoutMs'>,
  { revocation_endpoint: url }: ServerMetadata,
  refreshToken: string | undefined,
): Promise<never> {
  if (refreshToken === undefined) {
    throw new ClientError(
      'configuration',
      "The server keeps this client's refresh token in a cookie: give createClient store: 'cookie'.",
    )
  }
  const form = { token: refreshToken, client_id: clientId }
  if (url !== undefined) await postForm(fetcher, url, form, undefined, true, timeoutMs)
  throw new ClientError(
    'configuration',
    "With store: 'cookie' a refresh token must not be in the body: name the client in refreshTokenCookie of oauthRouter, and answer the login with sendTokens(res, tokens, { server, clientId }).",
  )
}
