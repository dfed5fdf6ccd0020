import { AccessTokens } from './access-tokens/access-tokens.js'
import { ClientAuthentication } from './clients/authentication.js'
import { checkImportClients } from './clients/check-import-clients.js'
import { Clients } from './clients/clients.js'
import { ClientDirectory } from './clients/directory.js'
import { authorizationEndpoint } from './endpoints/authorization/authorization-endpoint.js'
import type { AuthorizationEndpoint } from './endpoints/authorization/authorization-endpoint.js'
import type { EndpointOptions } from './endpoints/back-channel.js'
import { introspectEndpoint } from './endpoints/introspect.js'
import { jwksEndpoint } from './endpoints/jwks.js'
import { metadataEndpoint } from './endpoints/metadata.js'
import { revokeEndpoint } from './endpoints/revoke.js'
import { useCookieFor } from './endpoints/refresh-token-cookie.js'
import { tokenEndpoint } from './endpoints/token.js'
import { Events } from './events.js'
import type { ServerEventListener, ServerEventName } from './events.js'
import type { OAuthError } from './faults/errors.js'
import { toOAuthError } from './faults/outages.js'
import { ForeignTokens } from './grants/foreign-tokens.js'
import { GrantIssuer } from './grants/grant-issuer.js'
import { Grants } from './grants/grants.js'
import { SignOuts } from './grants/sign-outs.js'
import type { EndpointRequest, EndpointResponse } from './http/message.js'
import { Instruments } from './instrumentation.js'
import type { Instrumentation } from './instrumentation.js'
import { Maintenance } from './maintenance.js'
import type { AuthorizationServerOptions } from './options/options.js'
import { checkSecrets } from './options/secrets.js'
import { settingsOf } from './options/settings.js'
import type { Settings } from './options/settings.js'
import { Ratchet } from './ratchet/ratchet.js'
import { Revoker } from './ratchet/revoker.js'
import { KeyRing } from './ratchet/secrets.js'
import type { ServerParts } from './server-parts.js'
import { GuardedStorage } from './storage/guarded-storage.js'
import { Sweeper } from './storage/sweeper.js'
import { Throttle } from './throttle.js'
import { Tokens } from './tokens.js'

/**
 * Makes an authorization server: options are checked now, nothing is connected to before `ready()` or the first
 * request.
 *
 * @throws ConfigurationError for the first setting that cannot work
 */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  return new AuthorizationServer(options)
}

/** An OAuth 2.0 authorization server that knows no web framework. Made by {@link createAuthorizationServer}. */
export class AuthorizationServer {
  /** What apps call about grants: issue, list, update, revoke. */
  readonly grants: Grants
  /** Clients kept in the storage, beside the configured ones. */
  readonly clients: Clients
  /** Refresh, verify and revoke for the app's own routes, sockets and resolvers. */
  readonly tokens: Tokens
  /** The switch for maintenance: what begins or turns a grant, or changes a client, is then answered 503. */
  readonly maintenance: Maintenance
  /** The endpoints as functions, for whoever puts them behind a web framework. */
  readonly endpoints: Endpoints
  readonly #parts: ServerParts
  readonly #storage: GuardedStorage
  readonly #sweeper: Sweeper

  constructor(options: AuthorizationServerOptions) {
    const settings = settingsOf(options)
    const events = new Events(settings.now)
    const ring = new KeyRing(checkSecrets(options.secrets), settings.realm)
    const instruments = new Instruments((error) => events.reportInstrumentation(error))
    const storage = new GuardedStorage(
      options.storage,
      settings.storageTimeoutMs,
      () => this.#sweeper.start(),
      instruments,
    )
    const clients = new ClientDirectory(options.clients ?? [], storage.clients, settings)
    const revoker = new Revoker(storage.grants, ring, settings, events)
    const ratchet = new Ratchet(storage.grants, ring, settings, events, revoker)
    const accessTokens = new AccessTokens({
      ring,
      settings,
      storage,
      clients,
      events,
      options: options.accessToken ?? {},
    })
    const signOuts = new SignOuts({ values: storage.values, ring, settings })
    const issuer = new GrantIssuer({
      settings,
      ratchet,
      revoker,
      accessTokens,
      grants: storage.grants,
      ring,
      events,
      signOuts,
    })
    const { importToken } = settings
    if (importToken !== undefined) checkImportClients(clients, importToken)
    const foreignTokens =
      importToken &&
      new ForeignTokens(importToken, {
        settings,
        values: storage.values,
        ratchet,
        revoker,
        issuer,
        signOuts,
        ring,
        events,
      })
    this.#storage = storage
    this.maintenance = new Maintenance(options.maintenance)
    this.#sweeper = new Sweeper(storage.grants, {
      ...settings,
      onFailure: (error) => events.emit('request.failed', { phase: 'storage', error }),
    })
    this.#parts = {
      settings,
      callbacks: options,
      ring,
      events,
      instruments,
      storage,
      clients,
      cookieClients: new Set(),
      authentication: new ClientAuthentication(clients, events, settings),
      ratchet,
      revoker,
      accessTokens,
      issuer,
      foreignTokens,
      maintenance: this.maintenance,
      passwordThrottle: settings.throttle && new Throttle({ ...settings.throttle, now: settings.now }),
    }
    this.clients = new Clients({
      store: storage.clients,
      settings,
      directory: clients,
      events,
      maintenance: this.maintenance,
    })
    this.grants = new Grants({
      registry: this.clients,
      grants: storage.grants,
      ring,
      settings,
      revoker,
      clients,
      issuer,
      events,
      maintenance: this.maintenance,
      signOuts,
    })
    this.tokens = new Tokens(this.#parts)
    this.endpoints = new Endpoints(this.#parts)
  }

  /** The settings in force. */
  get settings(): Settings {
    return this.#parts.settings
  }

  /**
   * Calls `listener` for every event of that name, in this process. What it throws or rejects with goes to stderr, and changes
   * no answer.
   *
   * @throws ConfigurationError `events.unknown` for a name that is no event's, `events.listener`
   * @see ServerEvents
   */
  on<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): this {
    this.#parts.events.on(name, listener)
    return this
  }

  /**
   * Stops what {@link AuthorizationServer.on} began, for the same function.
   *
   * @throws ConfigurationError `events.unknown`, `events.listener`
   */
  off<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): this {
    this.#parts.events.off(name, listener)
    return this
  }

  /**
   * Adds hooks around every request and storage call, for traces and metrics. Without any there is no cost.
   *
   * @returns a function that removes them
   * @throws ConfigurationError `instrumentation.invalid` for what has no such function
   * @see Instrumentation
   */
  instrument(instrumentation: Instrumentation): () => void {
    return this.#parts.instruments.add(instrumentation)
  }

  /**
   * Initialises the storage, which the first request does too. Not bounded in time: a migration may take long.
   *
   * @throws StorageError (rejects) with the reason in its message
   */
  ready(): Promise<void> {
    return this.#storage.init()
  }

  /** Resolves when the storage answers, rejects with a `StorageError` when it does not: for health checks. */
  ping(): Promise<void> {
    return this.#storage.ping()
  }

  /** Stops what runs in the background and closes what the storage itself opened. */
  async close(): Promise<void> {
    await this.#sweeper.stop()
    await this.#storage.close()
  }
}

/** Endpoints as functions of a request. None of them throws: what goes wrong is an answer too. */
export class Endpoints {
  readonly #parts: ServerParts
  #authorization = false

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  /**
   * `POST token`. A refresh is one storage call; of concurrent uses of one token or code one turns the grant.
   *
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
   */
  token(request: EndpointRequest, options?: EndpointOptions): Promise<EndpointResponse> {
    return tokenEndpoint(this.#parts, request, options)
  }

  /**
   * `POST revoke`.
   *
   * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
   */
  revoke(request: EndpointRequest, options?: EndpointOptions): Promise<EndpointResponse> {
    return revokeEndpoint(this.#parts, request, options)
  }

  /**
   * `POST introspect`: for confidential clients, never readable by a page. It changes nothing.
   *
   * @see https://www.rfc-editor.org/rfc/rfc7662#section-2
   */
  introspect(request: EndpointRequest): Promise<EndpointResponse> {
    return introspectEndpoint(this.#parts, request)
  }

  /**
   * `GET jwks`: the public keys of JWT access tokens.
   *
   * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
   */
  jwks(): EndpointResponse {
    return jwksEndpoint(this.#parts)
  }

  /**
   * Says which clients have their refresh token in a cookie. Their grace is 10 s unless an option or their metadata say
   * otherwise, at the token endpoint and in `server.tokens.refresh` alike.
   *
   * @throws ConfigurationError `refreshTokenCookie.clients` for clients that cannot have it, as far as the list of clients tells
   */
  useCookieFor(clientIds: readonly string[]): void {
    useCookieFor(this.#parts, clientIds)
  }

  /** The error to answer with for a fault outside the endpoints; raises `request.failed`. */
  toError(error: unknown): OAuthError {
    return toOAuthError(this.#parts.events, error)
  }

  /**
   * The authorization server metadata. It names an authorization endpoint once {@link Endpoints.authorization} was called.
   *
   * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
   */
  metadata(): EndpointResponse {
    return metadataEndpoint(this.#parts, { authorization: this.#authorization })
  }

  /**
   * The steps of the authorization endpoint, between which the app signs the user in and asks for consent. Asking
   * for them says that there is such an endpoint, and the metadata then tells of it.
   */
  authorization(): AuthorizationEndpoint {
    this.#authorization = true
    return authorizationEndpoint(this.#parts)
  }
}
