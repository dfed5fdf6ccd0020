import * as oauth from 'oauth4webapi'
import type { ServerMetadata } from '../discovery.js'
import { ClientError } from '../errors.js'
import type { TokenResponse } from '../session/token-response.js'

/** What is remembered between the way out and the way back, by `state`. */
export interface Transaction {
  readonly verifier: string
  readonly redirectUri: string
  readonly returnTo?: string
}

export interface AuthorizationRequest {
  readonly clientId: string
  readonly redirectUri: string
  readonly scope?: string | undefined
  /** Further parameters of the request: `prompt`, `login_hint`, `max_age`, … */
  readonly parameters?: Readonly<Record<string, string>>
}

/**
 * The URL to send the browser to, and what to remember for its way back.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7636
 */
export async function authorizationUrl(
  metadata: ServerMetadata,
  request: AuthorizationRequest,
): Promise<{ url: string; state: string; verifier: string }> {
  if (metadata.authorization_endpoint === undefined) {
    throw new ClientError('configuration', `${metadata.issuer} has no authorization endpoint.`)
  }
  const state = oauth.generateRandomState()
  const verifier = oauth.generateRandomCodeVerifier()
  const url = new URL(metadata.authorization_endpoint)
  const parameters = {
    ...request.parameters,
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    ...(request.scope !== undefined && { scope: request.scope }),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { url: url.href, state, verifier }
}

/**
 * Exchanges the code of a callback's URL.
 *
 * @param withCookie takes the refresh token's cookie. Only then: a server of another origin must allow credentials in its CORS
 * @throws ClientError `sign_in_failed`; `oauthError` where the server named one
 */
export async function exchangeCode(
  metadata: ServerMetadata,
  clientId: string,
  callback: URL,
  state: string,
  transaction: Transaction,
  fetcher: typeof fetch,
  withCookie: boolean,
): Promise<TokenResponse> {
  const server = metadata as oauth.AuthorizationServer
  const client: oauth.Client = { client_id: clientId }
  const options = {
    [oauth.customFetch]: (url: string, init: RequestInit) =>
      fetcher(url, { ...init, credentials: withCookie ? 'include' : 'omit' }),
    // Servers for development on a loopback address only: everywhere else the server itself insists on https.
    [oauth.allowInsecureRequests]: metadata.issuer.startsWith('http:'),
  }
  try {
    const answer = oauth.validateAuthResponse(server, client, callback, state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      answer,
      transaction.redirectUri,
      transaction.verifier,
      options,
    )
    return await oauth.processAuthorizationCodeResponse(server, client, response)
  } catch (cause) {
    const { error } = cause as { error?: unknown }
    const oauthError = typeof error === 'string' ? error : undefined
    throw new ClientError(
      'sign_in_failed',
      `Signing in failed${oauthError === undefined ? '' : `: ${oauthError}`}.`,
      {
        cause,
        oauthError,
      },
    )
  }
}
