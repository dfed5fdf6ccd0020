export { adminHandler } from './admin-handler.js'
export type { AdminHandler, AdminHandlerOptions } from './admin-handler.js'
export type { AdminCallback, AdminOptions, AdminUser } from './admin/admin-options.js'
export { createTokenVerifier } from './create-token-verifier.js'
export type {
  ConsentCallback,
  ConsentForm,
  ConsentRequest,
  ConsentResult,
  Decision,
  DecisionCallback,
  SignInCallback,
} from './authorization/callbacks.js'
export { getAuth } from './get-auth.js'
export type { UserAuth } from './guard/auth-of-request.js'
export type { RequireTokenOptions } from './guard/require-token-options.js'
export type { TokenGuard, TokenHolder } from './guard/token-guard.js'
export type { TokenAuthority } from './guard/token-source.js'
export type { OAuthHandlerOptions } from './handler/oauth-handler-options.js'
export type { SendTokensOptions } from './messages/send-tokens-for.js'
export { oauthHandler } from './oauth-handler.js'
export type { OAuthHandler } from './oauth-handler.js'
export type {
  ErrorPageCallback,
  PageError,
  PageLogo,
  PagesOptions,
  PagesSource,
} from './pages/pages-options.js'
export type { PageTexts } from './pages/texts.js'
export type { RefreshTokenCookieOptions } from './refresh-token-cookie/refresh-token-cookie-options.js'
export { requireToken } from './require-token.js'
export type { RequireToken } from './require-token.js'
export { sendTokens } from './send-tokens.js'
export { sessionsHandler } from './sessions-handler.js'
export type { SessionsHandler, SessionsHandlerOptions } from './sessions-handler.js'
export type { TokenVerifier } from './verifier/token-verifier.js'
export type {
  IntrospectionOptions,
  IssuerEndpoints,
  TokenVerifierOptions,
} from './verifier/token-verifier-options.js'
export type { SessionsOptions, SessionsUser, SessionsUserCallback } from './sessions/sessions-options.js'
