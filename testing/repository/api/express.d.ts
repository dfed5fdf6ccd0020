// @oauth-ratchet/express
export { AdminRouterOptions }
export { AdminUser } from '@oauth-ratchet/http'
export { ConsentCallback }
export { ConsentForm } from '@oauth-ratchet/http'
export { ConsentRequest } from '@oauth-ratchet/http'
export { ConsentResult } from '@oauth-ratchet/http'
export { Decision } from '@oauth-ratchet/http'
export { DecisionCallback }
export { ErrorPageCallback }
export { OAuthRouterOptions }
export { PageError } from '@oauth-ratchet/http'
export { PageLogo } from '@oauth-ratchet/http'
export { PageTexts } from '@oauth-ratchet/http'
export { PagesOptions }
export { PagesSource }
export { RefreshTokenCookieOptions } from '@oauth-ratchet/http'
export { RequireTokenOptions }
export { SendTokensOptions } from '@oauth-ratchet/http'
export { SessionsRouterOptions }
export { SessionsUser } from '@oauth-ratchet/http'
export { SignInCallback }
export { TokenAuthority } from '@oauth-ratchet/http'
export { TokenVerifier } from '@oauth-ratchet/http'
export { TokenVerifierOptions } from '@oauth-ratchet/http'
export { UserAuth } from '@oauth-ratchet/http'
export { WellKnownRouterOptions }
export { adminRouter }
export { createTokenVerifier } from '@oauth-ratchet/http'
export { getAuth }
export { oauthErrorHandler }
export { oauthRouter }
export { requireToken }
export { sendTokens }
export { sessionsRouter }
export { wellKnownRouter }

// @oauth-ratchet/express/augment
declare global {
    namespace Express {
        interface Request {
            auth?: Auth;
        }
    }
}

declare function adminRouter(server: AuthorizationServer, options?: AdminRouterOptions): RequestHandler;
declare function getAuth(req: object): Auth;
declare function getAuth(req: object, options: {
    readonly subject: 'user';
}): UserAuth;
declare function getAuth(req: object, options: {
    readonly optional: true;
}): Auth | undefined;
declare function oauthErrorHandler(): ErrorRequestHandler;
declare function oauthRouter(server: AuthorizationServer, options?: OAuthRouterOptions): RequestHandler;
declare function requireToken(server: TokenAuthority, options?: RequireTokenOptions): RequestHandler;
declare function sendTokens(res: ServerResponse, tokens: TokenResponse, options?: SendTokensOptions): void;
declare function sessionsRouter(server: AuthorizationServer, options?: SessionsRouterOptions): RequestHandler;
declare function wellKnownRouter(server: AuthorizationServer, options?: WellKnownRouterOptions): RequestHandler;
interface AdminRouterOptions extends AdminOptions<Request, Response> {
}
interface OAuthRouterOptions extends OAuthOptions<Request, Response> {
}
interface PagesOptions extends http.PagesOptions<Request, Response> {
}
interface RequireTokenOptions extends GuardOptions<Request> {
}
interface SessionsRouterOptions extends SessionsOptions<Request, Response> {
}
type ConsentCallback = http.ConsentCallback<Request, Response>;
type DecisionCallback = http.DecisionCallback<Request, Response>;
type ErrorPageCallback = http.ErrorPageCallback<Request, Response>;
type PagesSource = http.PagesSource<Request, Response>;
type SignInCallback = http.SignInCallback<Request, Response>;
type WellKnownRouterOptions = WellKnownOptions;
