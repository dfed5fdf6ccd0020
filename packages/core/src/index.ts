export { createAuthorizationServer } from './authorization-server.js'
export type { AuthorizationServer, Endpoints } from './authorization-server.js'
export { checkIssuer, isLoopbackHost, mayUseHttp } from './options/issuer.js'
export type { Jwk } from './options/jwk.js'
export type { ClientMembers, ClientMetadata, GrantType } from './options/client-metadata.js'
export type { AuthorizationEndpoint } from './endpoints/authorization/authorization-endpoint.js'
export type { AuthorizationRequest } from './endpoints/authorization/describe-request.js'
export type { PendingAuthorization } from './endpoints/authorization/pending-authorization.js'
export type { EndpointOptions } from './endpoints/back-channel.js'
export { errorCors, preflight } from './endpoints/cors.js'
export type { RefreshTokenCookie, RefreshTokenCookies } from './endpoints/refresh-token-cookie.js'
export { tokensWithCookie } from './endpoints/tokens-with-cookie.js'
export type { CorsPolicy } from './endpoints/cors.js'
export { json as jsonResponse } from './http/message.js'
export type { EndpointRequest, EndpointResponse } from './http/message.js'
export { CallbackError, ConfigurationError, isOAuthError, OAuthError } from './faults/errors.js'
export { ClientChangeError, isClientChangeError } from './faults/client-change-error.js'
export type { ClientChangeProblem } from './faults/client-change-error.js'
export type { OAuthErrorCode, OAuthErrorOptions } from './faults/errors.js'
export type {
  Instrumentation,
  RequestOutcome,
  StartedRequest,
  StartedStorageCall,
  StorageOutcome,
} from './instrumentation.js'
export { describeFault } from './faults/describe-fault.js'
export { FaultLog } from './faults/fault-log.js'
export type { ReuseCause, ReuseEvidence } from './options/reuse-evidence.js'
export type { ServerEventListener, ServerEventName, ServerEvents } from './events.js'
export type { Clients } from './clients/clients.js'
export type { ByOptions, CreateClientOptions, NewClient } from './clients/new-client.js'
export type { ClientsPage, ClientsPageOptions } from './clients/client-records.js'
export type { ClientWithSecret, RegisteredClient } from './clients/registered-client.js'
export type { ForeignSession, ImportTokenOptions } from './options/foreign-session.js'
export type { ImportSettings } from './options/import-token.js'
export type { Grant } from './options/grant.js'
export type { SignIn } from './options/sign-in.js'
export { CursorError, isCursorError, StorageError } from './faults/storage-error.js'
export { isGrantId } from './grants/grant-id.js'
export type { GrantsPage, GrantsPageOptions, GrantUpdate, IssueOptions } from './grants/grant-options.js'
export type { Grants } from './grants/grants.js'
export type { Maintenance } from './maintenance.js'
export type { RevokeAllOptions } from './grants/revoke-all-options.js'
export type { RevokedSome, RevokeSomeOptions } from './grants/revoke-some-options.js'
export type {
  AccessTokenOptions,
  AuthorizationCodeOptions,
  AuthorizationServerOptions,
  ClientLookup,
  ObserveReuseOptions,
  RefreshTokenOptions,
  SessionDetail,
  SessionOptions,
} from './options/options.js'
export { RecentlyUsed } from './recently-used.js'
export { isReservedClaim } from './access-tokens/claims.js'
export { misspeltMember, unknownName, wrongOptions } from './options/member-names.js'
export type { Settings } from './options/settings.js'
export { copyMarkerId } from './storage/copy-marker.js'
export * from './storage/cursors.js'
export { MemoryStorage } from './storage/memory.js'
export { pageOf } from './storage/page.js'
export * from './storage/records.js'
export * from './storage/storage.js'
export { Throttle } from './throttle.js'
export type { ThrottleOptions } from './throttle.js'
export type { TokenResponse } from './grants/token-response.js'
export type { Introspection } from './token-introspection.js'
export type { Auth, RefreshOptions, Tokens, VerifyOptions } from './tokens.js'
