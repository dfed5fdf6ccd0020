import OAuth2Server from '@node-oauth/oauth2-server'
import type { Client } from '../clients/client.js'
import { fitsRedirectUri } from '../clients/redirect-uri.js'
import { checkCode, redeemCode } from '../grant-types/authorization-code.js'
import type { CheckedCode, RedeemedCode } from '../grant-types/authorization-code.js'
import { checkPassword } from '../grant-types/password.js'
import { refreshTokenGrant } from '../grant-types/refresh-token.js'
import type { TokenResponse } from '../grants/token-response.js'
import type { Origin } from '../http/origin.js'
import type { Parameters } from '../http/parameters.js'
import { requestedScopes } from '../options/scopes.js'
import type { SignIn } from '../options/sign-in.js'
import type { CodeBinding } from '../ratchet/code-proof.js'
import type { SeenFrom } from '../ratchet/seen.js'
import type { ServerParts } from '../server-parts.js'

export interface TokenRequestContext {
  readonly client: Client
  readonly parameters: Parameters
  readonly idempotencyKey: string | undefined
  readonly origin: Origin
  /** What is kept of where the request comes from, if the user's own device has sent it. */
  readonly seenFrom: SeenFrom | undefined
}

export interface AuthorizationContext {
  readonly client: Client
  readonly signIn: SignIn
  readonly scope: readonly string[]
  readonly binding: CodeBinding
  /** What is kept of where the user's browser is. */
  readonly seenFrom: SeenFrom | undefined
}

type LibraryClient = OAuth2Server.Client
type LibraryToken = OAuth2Server.Token

const libraryClients = new WeakMap<Client, LibraryClient>()

/** What both requests ask of the model. One object per request: what one step learns, the next one needs. */
class RequestModel {
  protected readonly parts: ServerParts

  constructor(parts: ServerParts) {
    this.parts = parts
  }

  // `grants` are asked by the library for dispatch.
  protected toLibraryClient(client: Client): LibraryClient {
    const known = libraryClients.get(client)
    if (known !== undefined) return known
    const made = { id: client.id, grants: [...client.grantTypes], redirectUris: [...client.redirectUris] }
    libraryClients.set(client, made)
    return made
  }

  getAccessToken(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
}

/** Answers the library during one token request. */
export class TokenRequestModel extends RequestModel {
  readonly context: TokenRequestContext
  #code: CheckedCode | undefined
  #redeemed: RedeemedCode | undefined
  #signIn: SignIn | undefined
  #response: TokenResponse | undefined

  constructor(parts: ServerParts, context: TokenRequestContext) {
    super(parts)
    this.context = context
  }

  getClient(): Promise<LibraryClient> {
    return Promise.resolve(this.toLibraryClient(this.context.client))
  }

  /** What the request is answered with, once the library has run it. */
  get response(): TokenResponse {
    if (this.#response === undefined) throw new Error('The library answered without saving a token.')
    return this.#response
  }

  async refresh(): Promise<LibraryToken> {
    const { client, parameters, idempotencyKey, origin, seenFrom } = this.context
    const response = await refreshTokenGrant(this.parts, client, {
      refreshToken: parameters.get('refresh_token'),
      scope: requestedScopes(parameters.get('scope')),
      idempotencyKey,
      origin,
      seenFrom,
    })
    return this.#answer(response)
  }

  // Not the library's argument, which is a placeholder.
  async getAuthorizationCode(): Promise<OAuth2Server.AuthorizationCode> {
    const { client, parameters, origin, seenFrom } = this.context
    this.#code = await checkCode(this.parts, client, parameters, origin, seenFrom)
    return {
      authorizationCode: parameters.get('code') ?? '',
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

  // Not the library's arguments: it was given placeholders, since its own check refuses many a good password.
  async getUser(): Promise<OAuth2Server.User | undefined> {
    const { client, parameters, origin } = this.context
    const [username = '', password = ''] = [parameters.get('username'), parameters.get('password')]
    this.#signIn = await checkPassword(this.parts, client, { username, password }, origin)
    return this.#signIn && { subject: this.#signIn.subject }
  }

  getUserFromClient(client: LibraryClient): Promise<OAuth2Server.User> {
    return Promise.resolve({ subject: client.id })
  }

  validateScope(_user: unknown, _client: unknown, scope?: string[]): Promise<string[]> {
    // The scope of a code was settled by consent.
    if (this.#code !== undefined) return Promise.resolve(scope ?? [])
    const { client, parameters } = this.context
    const forUser = parameters.get('grant_type') !== 'client_credentials'
    return Promise.resolve(this.parts.issuer.scopeFor(client, scope, forUser))
  }

  // The library wants the tokens before it saves them; here both are one step, and `saveToken` makes them.
  generateAccessToken(): Promise<string> {
    return Promise.resolve('made when saved')
  }

  generateRefreshToken(): Promise<string> {
    return Promise.resolve('made when saved')
  }

  async saveToken(token: LibraryToken): Promise<LibraryToken> {
    return this.#answer(await this.#issue(token.scope ?? []))
  }

  async #issue(scope: readonly string[]): Promise<TokenResponse> {
    const { client, origin } = this.context
    const { issuer, accessTokens } = this.parts
    if (this.#code !== undefined && this.#redeemed !== undefined) {
      return issuer.begun(client, this.#redeemed.grant, this.#redeemed.facts, this.#code.claims, origin)
    }
    if (this.#signIn !== undefined)
      return issuer.issue(client, this.#signIn, scope, origin, this.context.seenFrom)
    const granted = scope.join(' ')
    const { accessToken, expiresIn } = accessTokens.issueForClient(client, granted)
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresIn,
      ...(granted !== '' && { scope: granted }),
    }
  }

  // The library makes a response of its own of this, which counts by the machine's clock; ours is kept beside it.
  #answer(response: TokenResponse): LibraryToken {
    this.#response = response
    return {
      accessToken: response.access_token,
      client: { id: this.context.client.id, grants: [] },
      user: {},
    }
  }
}

/** Answers the library during one authorization request that everybody has agreed to. */
export class AuthorizationRequestModel extends RequestModel {
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
    const { client: own, signIn, scope, binding, seenFrom } = this.#context
    const authorizationCode = await this.parts.issuer.beginWithCode(own, signIn, scope, binding, seenFrom)
    return { ...code, client, user, authorizationCode }
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
export class RatchetGrantType extends OAuth2Server.AbstractGrantType {
  readonly #model: TokenRequestModel

  // The library hands the model in with the options, which its types do not say.
  constructor(options: OAuth2Server.TokenOptions & { model?: TokenRequestModel }) {
    super(options)
    this.#model = options.model as TokenRequestModel
  }

  handle(): Promise<LibraryToken> {
    return this.#model.refresh()
  }
}
