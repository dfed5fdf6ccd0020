export { AuthorizationServer, Endpoints, createAuthorizationServer } from './authorization-server.js'
export type { Jwk } from './access-tokens/jwk.js'
export type { ClientMetadata } from './clients/client.js'
export { formActionSource } from './clients/redirect-uri.js'
export { AuthorizationEndpoint } from './endpoints/authorize.js'
export type { AuthorizationRequest } from './endpoints/authorize.js'
export type { PendingAuthorization } from './endpoints/authorization-request.js'
export type { EndpointOptions } from './endpoints/back-channel.js'
export { preflight } from './endpoints/cors.js'
export type { CorsPolicy } from './endpoints/cors.js'
export type { EndpointRequest, EndpointResponse } from './http/message.js'
export { parseForm } from './http/parameters.js'
export { CallbackError, ConfigurationError, OAuthError } from './errors.js'
export type { OAuthErrorCode, OAuthErrorOptions } from './errors.js'
export type { ServerEventListener, ServerEventName, ServerEvents } from './events.js'
export type { ClientWithSecret, Clients, NewClient, RegisteredClient } from './clients/clients.js'
export type { Grant, SignIn } from './grant.js'
export type { GrantUpdate, Grants, IssueOptions, RevokeAllOptions } from './grants.js'
export type {
  AccessTokenOptions,
  AuthorizationCodeOptions,
  AuthorizationServerOptions,
  ClientLookup,
  RefreshTokenOptions,
} from './options.js'
export type { Settings } from './settings.js'
export { MemoryStorage } from './storage/memory.js'
export * from './storage/records.js'
export * from './storage/storage.js'
export { Throttle, throttleKey } from './throttle.js'
export type { ThrottleOptions } from './throttle.js'
export type { TokenResponse } from './token-response.js'
export type { Auth, RefreshOptions, Tokens, VerifyOptions } from './tokens.js'
