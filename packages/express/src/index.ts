export { createTokenVerifier } from '@oauth-ratchet/http'
export type {
  AdminUser,
  ConsentForm,
  ConsentRequest,
  ConsentResult,
  Decision,
  PageError,
  PageLogo,
  PageTexts,
  RefreshTokenCookieOptions,
  SendTokensOptions,
  SessionsUser,
  TokenAuthority,
  TokenVerifier,
  TokenVerifierOptions,
  UserAuth,
} from '@oauth-ratchet/http'
export { adminRouter } from './admin-router.js'
export type { AdminRouterOptions } from './admin-router.js'
export { getAuth } from './get-auth.js'
export { oauthErrorHandler } from './oauth-error-handler.js'
export { oauthRouter } from './oauth-router.js'
export type { OAuthRouterOptions } from './oauth-router.js'
export { requireToken } from './require-token.js'
export type { RequireTokenOptions } from './require-token.js'
export { sendTokens } from './send-tokens.js'
export { sessionsRouter } from './sessions-router.js'
export type { SessionsRouterOptions } from './sessions-router.js'
export type {
  ConsentCallback,
  DecisionCallback,
  ErrorPageCallback,
  PagesOptions,
  PagesSource,
  SignInCallback,
} from './express-types.js'
export { wellKnownRouter } from './well-known-router.js'
export type { WellKnownRouterOptions } from './well-known-router.js'
