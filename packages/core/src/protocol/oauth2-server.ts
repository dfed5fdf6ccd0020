import OAuth2Server from '@node-oauth/oauth2-server'
import type { Client } from '../clients/client.js'
import { fitsRedirectUri } from '../clients/redirect-uri.js'
import type { Parameters } from '../endpoints/parameters.js'
import { OAuthError } from '../errors.js'
import type { OAuthErrorCode } from '../errors.js'
import { checkCode, redeemCode } from '../grant-types/authorization-code.js'
import type { CheckedCode } from '../grant-types/authorization-code.js'
import { checkPassword } from '../grant-types/password.js'
import { refreshTokenGrant } from '../grant-types/refresh-token.js'
import type { SignIn } from '../grants.js'
import type { CodeBinding } from '../ratchet/code-proof.js'
import type { ServerParts } from '../server-parts.js'
import type { GrantRecord } from '../storage/storage.js'
import type { TokenResponse } from '../token-response.js'

/**
 * The one door to the protocol library, and the one place where what it does short of the specifications is put
 * right. Its work: dispatch of grant types, the flow of the code, password and client-credentials grants, the
 * authorization request, the shape of the token response. Ours, before the call:
 *
 * - the client has been authenticated and the parameters parsed, each once; the library gets `client_id` alone;
 * - verifier and redirect URI are checked with the code before it is spent (the library spends it first), and
 *   withheld from the library, which would otherwise check them again against what is not stored;
 * - `state` and `redirect_uri` errors, PKCE and response types are judged by the authorization endpoint;
 *
 * and after it: errors and the times of the response (the library has the machine's clock, we have the server's).
 * `refresh_token` is a grant type of our own, registered with the library. ADR 2 tells the division in full.
 */

export interface TokenRequestContext {
  readonly client: Client
  readonly parameters: Parameters
  readonly idempotencyKey: string | undefined
  readonly remoteAddress: string | undefined
}

type LibraryClient = OAuth2Server.Client
type LibraryToken = OAuth2Server.Token

/** Runs one token request; the answer is the RFC 6749 §5.1 response. */
export async function runTokenRequest(
  parts: ServerParts,
  context: TokenRequestContext,
): Promise<TokenResponse> {
  const grantType = context.parameters.get('grant_type')
  if (grantType === 'password' && parts.callbacks.authenticateUser === undefined) {
    throw new OAuthError('unsupported_grant_type', 'The password grant is not offered.')
  }
  const model = new TokenRequestModel(parts, context)
  const response = new OAuth2Server.Response()
  try {
    await new OAuth2Server({ model }).token(libraryRequest(context.client, context.parameters), response, {
      allowExtendedTokenAttributes: true,
      extendedGrantTypes: { refresh_token: RatchetGrantType },
      requireClientAuthentication: {
        authorization_code: false,
        client_credentials: false,
        password: false,
        refresh_token: false,
        ...(grantType !== undefined && { [grantType]: false }),
      },
    })
  } catch (error) {
    throw ownError(error)
  }
  return response.body as TokenResponse
}

export interface AuthorizationContext {
  readonly client: Client
  readonly signIn: SignIn
  readonly scope: readonly string[]
  readonly binding: CodeBinding
}

/** Runs an authorization request that everybody has agreed to; the answer is the code. */
export async function runAuthorizationRequest(
  parts: ServerParts,
  context: AuthorizationContext,
): Promise<string> {
  const { client, binding } = context
  const parameters = new Map([
    ['response_type', 'code'],
    ['client_id', client.id],
    ['redirect_uri', binding.redirectUri],
  ])
  if (binding.codeChallenge !== undefined) {
    parameters.set('code_challenge', binding.codeChallenge)
    parameters.set('code_challenge_method', 'S256')
  }
  const model = new AuthorizationRequestModel(parts, context)
  try {
    const code = await new OAuth2Server({ model }).authorize(
      libraryRequest(client, parameters),
      new OAuth2Server.Response(),
      { allowEmptyState: true, authenticateHandler: { handle: () => context.signIn } },
    )
    return code.authorizationCode
  } catch (error) {
    throw ownError(error)
  }
}

/** What both requests ask of the model. One object per request: what one step learns, the next one needs. */
class RequestModel {
  protected readonly parts: ServerParts

  constructor(parts: ServerParts) {
    this.parts = parts
  }

  // `grants` are asked by the library for dispatch.
  protected toLibraryClient(client: Client): LibraryClient {
    return { id: client.id, grants: [...client.grantTypes], redirectUris: [...client.redirectUris] }
  }

  getAccessToken(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
}

class TokenRequestModel extends RequestModel {
  readonly context: TokenRequestContext
  #code: CheckedCode | undefined
  #redeemed: GrantRecord | undefined
  #signIn: SignIn | undefined

  constructor(parts: ServerParts, context: TokenRequestContext) {
    super(parts)
    this.context = context
  }

  getClient(): Promise<LibraryClient> {
    return Promise.resolve(this.toLibraryClient(this.context.client))
  }

  refresh(): Promise<TokenResponse> {
    const { client, parameters, idempotencyKey, remoteAddress } = this.context
    return refreshTokenGrant(this.parts, client, {
      refreshToken: parameters.get('refresh_token'),
      scope: parameters.get('scope'),
      idempotencyKey,
      remoteAddress,
    })
  }

  async getAuthorizationCode(authorizationCode: string): Promise<OAuth2Server.AuthorizationCode> {
    const { client, parameters, remoteAddress } = this.context
    this.#code = await checkCode(this.parts, client, parameters, remoteAddress)
    return {
      authorizationCode,
      client: this.toLibraryClient(client),
      user: { subject: this.#code.facts.subject },
      scope: this.#code.facts.scope.split(' '),
      // Judged by the server's clock already; the library would ask the machine's.
      expiresAt: new Date(8.64e15),
      redirectUri: '',
    }
  }

  async revokeAuthorizationCode(): Promise<boolean> {
    this.#redeemed = await redeemCode(this.parts, this.#code as CheckedCode)
    return this.#redeemed !== undefined
  }

  async getUser(username: string, password: string): Promise<OAuth2Server.User | undefined> {
    this.#signIn = await checkPassword(this.parts, username, password, this.context.remoteAddress)
    return this.#signIn && { subject: this.#signIn.subject }
  }

  getUserFromClient(client: LibraryClient): Promise<OAuth2Server.User> {
    return Promise.resolve({ subject: client.id })
  }

  validateScope(_user: unknown, _client: unknown, scope?: string[]): Promise<string[]> {
    // The scope of a code was settled by consent.
    if (this.#code !== undefined) return Promise.resolve(scope ?? [])
    return Promise.resolve(this.parts.issuer.scopeFor(this.context.client, scope))
  }

  // The library wants the tokens before it saves them; here both are one step, and `saveToken` makes them.
  generateAccessToken(): Promise<string> {
    return Promise.resolve('made when saved')
  }

  generateRefreshToken(): Promise<string> {
    return Promise.resolve('made when saved')
  }

  async saveToken(token: LibraryToken): Promise<LibraryToken> {
    const { client } = this.context
    if (this.#code !== undefined && this.#redeemed !== undefined) {
      return toLibraryToken(client, await this.parts.issuer.begun(client, this.#redeemed, this.#code.facts))
    }
    if (this.#signIn !== undefined) {
      return toLibraryToken(client, await this.parts.issuer.issue(client, this.#signIn, token.scope ?? []))
    }
    const scope = (token.scope ?? []).join(' ')
    const { accessToken, expiresIn } = await this.parts.accessTokens.issueForClient(client, scope)
    return toLibraryToken(client, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresIn,
      ...(scope !== '' && { scope }),
    })
  }
}

class AuthorizationRequestModel extends RequestModel {
  readonly #context: AuthorizationContext

  constructor(parts: ServerParts, context: AuthorizationContext) {
    super(parts)
    this.#context = context
  }

  getClient(): Promise<LibraryClient> {
    return Promise.resolve(this.toLibraryClient(this.#context.client))
  }

  validateRedirectUri(redirectUri: string): Promise<boolean> {
    const { redirectUris } = this.#context.client
    return Promise.resolve(fitsRedirectUri(redirectUri, redirectUris, this.parts.settings.localhostAnyPort))
  }

  validateScope(): Promise<string[]> {
    return Promise.resolve([...this.#context.scope])
  }

  generateAuthorizationCode(): Promise<string> {
    return Promise.resolve('made when saved')
  }

  async saveAuthorizationCode(
    code: Pick<OAuth2Server.AuthorizationCode, 'expiresAt' | 'redirectUri'>,
    client: LibraryClient,
    user: OAuth2Server.User,
  ): Promise<OAuth2Server.AuthorizationCode> {
    const { client: own, signIn, scope, binding } = this.#context
    const grant = await this.parts.issuer.beginWithCode(own, signIn, scope, binding)
    return { ...code, client, user, authorizationCode: this.parts.ratchet.tokenOf(grant) }
  }

  // Only the token request saves tokens; the library's type asks both for the method.
  saveToken(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
  getAuthorizationCode(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
  revokeAuthorizationCode(): Promise<boolean> {
    return Promise.resolve(false)
  }
}

/** Our refresh grant as the library knows grant types. */
class RatchetGrantType extends OAuth2Server.AbstractGrantType {
  readonly #model: TokenRequestModel

  // The library hands the model in with the options, which its types do not say.
  constructor(options: OAuth2Server.TokenOptions & { model?: TokenRequestModel }) {
    super(options)
    this.#model = options.model as TokenRequestModel
  }

  async handle(): Promise<LibraryToken> {
    return toLibraryToken(this.#model.context.client, await this.#model.refresh())
  }
}

/** The response as the library's token; what it does not know goes out as it is (extended attributes). */
function toLibraryToken(client: Client, response: TokenResponse): LibraryToken {
  const { access_token, refresh_token, scope, token_type: _, ...rest } = response
  return {
    ...rest,
    accessToken: access_token,
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(scope !== undefined && { scope: scope.split(' ') }),
    client: { id: client.id, grants: [] },
    user: {},
  }
}

function libraryRequest(client: Client, parameters: Parameters): OAuth2Server.Request {
  const withheld = new Set(['client_id', 'client_secret', 'code_verifier'])
  const body: Record<string, string> = { client_id: client.id }
  for (const [name, value] of parameters) if (!withheld.has(name)) body[name] = value
  return new OAuth2Server.Request({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '1' },
    query: {},
    body,
  })
}

/** The library wraps what our model throws, and has errors of its own; both come out as ours. */
function ownError(error: unknown): unknown {
  if (!(error instanceof OAuth2Server.OAuthError)) return error
  const { inner } = error as { inner?: unknown }
  if (error instanceof OAuth2Server.ServerError && inner !== undefined) return inner
  // Its messages are about parameters and carry nothing of ours.
  const code = error.name as OAuthErrorCode
  return new OAuthError(code, error.message, { status: code === 'server_error' ? 500 : 400, cause: error })
}
