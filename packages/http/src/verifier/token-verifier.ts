import { CallbackError, FaultLog, isOAuthError, OAuthError, wrongOptions } from '@oauth-ratchet/core'
import type { Auth, VerifyOptions } from '@oauth-ratchet/core'
import { warnOnce } from '../caller/warn-once.js'
import { authOfMembers } from './auth-of-members.js'
import { Fetched } from './fetched.js'
import { findEndpoints } from './find-endpoints.js'
import { Introspector } from './introspector.js'
import { IssuerError } from './issuer-error.js'
import { keySetOf, verifyJwt } from './jwt-verifier.js'
import type { KeySet } from './jwt-verifier.js'
import { requestJson } from './request-json.js'
import { verifierSettings } from './token-verifier-options.js'
import type { IssuerEndpoints, TokenVerifierOptions, VerifierSettings } from './token-verifier-options.js'

/** Longer is no token of the server's, and fits into no header of Node's default size. */
const mostCharacters = 16_384

/** Checks access tokens of an authorization server in another process. Made by `createTokenVerifier`. */
export class TokenVerifier {
  readonly issuer: string
  /** Whether it can ask the server about a token. */
  readonly introspects: boolean
  readonly #settings: VerifierSettings
  readonly #endpoints: Fetched<IssuerEndpoints>
  readonly #keys: Fetched<KeySet>
  readonly #introspector: Introspector | undefined
  readonly #onFailure: (error: unknown) => void
  readonly #log = new FaultLog()
  readonly #warn = warnOnce()

  constructor(options: TokenVerifierOptions) {
    const settings = verifierSettings(options)
    const { issuer, now, introspection, endpoints } = settings
    const context = { ...settings, report: (error: unknown) => this.#report(error) }
    this.issuer = issuer
    this.introspects = introspection !== undefined
    this.#settings = settings
    this.#onFailure =
      options.onFailure ?? ((error) => this.#log.write('an access token cannot be checked', error))
    this.#endpoints = new Fetched(async () => endpoints ?? findEndpoints(context, settings), now)
    this.#keys = new Fetched(async () => {
      const { jwks } = await this.#endpoints.get()
      return keySetOf(jwks === undefined ? undefined : await requestJson(context, jwks))
    }, now)
    this.#introspector =
      introspection &&
      new Introspector(
        context,
        settings,
        introspection,
        async () => (await this.#endpoints.get()).introspection,
      )
  }

  /**
   * Fetches the server's metadata and keys, so that a wrong issuer is found at the start. Not needed: the first token does
   * it too.
   *
   * @throws OAuthError 503 while the server cannot be reached
   */
  async ready(): Promise<void> {
    await this.#orUnavailable(() => this.#keys.get())
  }

  /**
   * Whether an access token is good now, and for whom. A JWT costs no request once the keys are known; `checkGrant: true`
   * asks the server about it, as for every opaque token.
   *
   * @throws OAuthError `invalid_token` (401) for one that is not; `temporarily_unavailable` (503) where the server, which
   *   alone can say, does not
   */
  async verify(token: string, options: VerifyOptions = {}): Promise<Auth> {
    const problem = wrongOptions('verify', options, ['audience', 'checkGrant'])
    if (problem !== undefined) throw new TypeError(problem)
    const { audience = this.#settings.audience, checkGrant = false } = options
    if (checkGrant && !this.introspects)
      throw new TypeError('verify: checkGrant needs the option introspection.')
    const members = await this.#orUnavailable(() => this.#membersOf(token, checkGrant))
    const auth = members && authOfMembers(token, members)
    if (auth === undefined) throw invalidToken()
    const wanted = [audience].flat()
    if (wanted.some((value) => auth.audience.includes(value))) return auth
    this.#warn(
      'OAUTH_RATCHET_OTHER_AUDIENCE',
      `A good access token came that is for ${auth.audience.join(' ')}, and this API takes those for ${wanted.join(' ')}: it is ` +
        'refused. Is the option audience what the server has as its own (accessToken.audience, by default the issuer)?',
    )
    throw invalidToken()
  }

  /** The error to answer with for a fault of the app's, which is reported. */
  toError(error: unknown): OAuthError {
    if (isOAuthError(error)) return error
    this.#report(error)
    return error instanceof CallbackError
      ? unavailable(error)
      : new OAuthError('server_error', 'The server failed.', { cause: error })
  }

  // By its shape first: what cannot be a token costs no request.
  async #membersOf(
    token: string,
    checkGrant: boolean,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    if (typeof token !== 'string' || token.length > mostCharacters) return undefined
    if (/^ora_[\w-]{80,}$/.test(token)) {
      if (this.#introspector !== undefined) return this.#introspector.ask(token)
      this.#warn(
        'OAUTH_RATCHET_NO_INTROSPECTION',
        'A request came with an opaque access token, and createTokenVerifier has no option introspection: such tokens are refused.',
      )
      return undefined
    }
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
    const payload = await verifyJwt(this.#keys, this.#settings, token)
    return payload !== undefined && checkGrant ? this.#introspector?.ask(token) : payload
  }

  async #orUnavailable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw error instanceof IssuerError ? unavailable(error, error.retryAfter) : this.toError(error)
    }
  }

  #report(error: unknown): void {
    try {
      this.#onFailure(error)
    } catch (failure) {
      // A fault of the listener's must not become the answer.
      this.#log.write('onFailure of createTokenVerifier failed', failure)
    }
  }
}

function unavailable(cause: unknown, retryAfter = 1): OAuthError {
  return new OAuthError(
    'temporarily_unavailable',
    'The access token cannot be checked right now; try again.',
    { retryAfter, cause },
  )
}

function invalidToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'The access token is not valid: unknown, expired, revoked, or not for this API.',
  )
}
