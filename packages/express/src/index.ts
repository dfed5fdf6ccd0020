export type {
  ConsentCallback,
  ConsentForm,
  ConsentRequest,
  ConsentResult,
  Decision,
  DecisionCallback,
  SignInCallback,
} from './callbacks.js'
export { getAuth } from './get-auth.js'
export type { UserAuth } from './get-auth.js'
export { oauthErrorHandler } from './oauth-error-handler.js'
export { oauthRouter } from './oauth-router.js'
export type { OAuthRouterOptions } from './oauth-router.js'
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
export type { RequireTokenOptions } from './require-token-options.js'
export { sendTokens } from './send-tokens.js'
export type { SendTokensOptions } from './send-tokens.js'
export { wellKnownRouter } from './well-known-router.js'
export type { WellKnownRouterOptions } from './well-known-router.js'
