import { ClientError } from '../errors.js'

/**
 * Refuses first tokens whose refresh token is not where the client's store needs it. One that a script could read is
 * revoked, as far as the server can be reached.
 *
 * @param refreshToken the one of the body; undefined where it is in a cookie
 * @throws ClientError `configuration`
 */
export async function refuseMisplacedToken(
  refreshToken: string | undefined,
  revoke: (token: string) => Promise<unknown>,
): Promise<never> {
  if (refreshToken === undefined) {
    throw new ClientError(
      'configuration',
      "The server keeps this client's refresh token in a cookie: give createClient store: 'cookie'.",
    )
  }
  await revoke(refreshToken)
  throw new ClientError(
    'configuration',
    "With store: 'cookie' a refresh token must not be in the body: name the client in refreshTokenCookie of oauthRouter, and answer the login with sendTokens(res, tokens, { server, clientId }).",
  )
}
