export { AuthorizationServer, Endpoints, createAuthorizationServer } from './authorization-server.js'
export type { ClientMetadata } from './clients/client.js'
export { formActionSource } from './clients/redirect-uri.js'
export { AuthorizationEndpoint } from './endpoints/authorize.js'
export type { AuthorizationRequest } from './endpoints/authorize.js'
export type { PendingAuthorization } from './endpoints/authorization-request.js'
export type { EndpointOptions } from './endpoints/back-channel.js'
export { preflight } from './endpoints/cors.js'
export type { CorsPolicy } from './endpoints/cors.js'
export type { EndpointRequest, EndpointResponse } from './endpoints/http.js'
export { parseForm } from './endpoints/parameters.js'
export { CallbackError, ConfigurationError, OAuthError } from './errors.js'
export type { OAuthErrorCode, OAuthErrorOptions } from './errors.js'
export type { ServerEventListener, ServerEventName, ServerEvents } from './events.js'
export type { Grant, GrantUpdate, Grants, IssueOptions, RevokeAllOptions, SignIn } from './grants.js'
export type {
  AccessTokenOptions,
  AuthorizationCodeOptions,
  AuthorizationServerOptions,
  ClientLookup,
  RefreshTokenOptions,
  Settings,
} from './options.js'
export { MemoryStorage } from './storage/memory.js'
export * from './storage/records.js'
export * from './storage/storage.js'
export { Throttle, throttleKey } from './throttle.js'
export type { ThrottleOptions } from './throttle.js'
export type { TokenResponse } from './token-response.js'
export type { Auth, RefreshOptions, Tokens, VerifyOptions } from './tokens.js'
