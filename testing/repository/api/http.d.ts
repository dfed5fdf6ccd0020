// @oauth-ratchet/http
export { AdminCallback }
export { AdminHandler }
export { AdminHandlerOptions }
export { AdminOptions }
export { AdminUser }
export { ConsentCallback }
export { ConsentForm }
export { ConsentRequest }
export { ConsentResult }
export { Decision }
export { DecisionCallback }
export { ErrorPageCallback }
export { IntrospectionOptions }
export { IssuerEndpoints }
export { OAuthHandler }
export { OAuthHandlerOptions }
export { PageError }
export { PageLogo }
export { PageTexts }
export { PagesOptions }
export { PagesSource }
export { RefreshTokenCookieOptions }
export { RequireToken }
export { RequireTokenOptions }
export { SendTokensOptions }
export { SessionsHandler }
export { SessionsHandlerOptions }
export { SessionsOptions }
export { SessionsUser }
export { SessionsUserCallback }
export { SignInCallback }
export { TokenAuthority }
export { TokenGuard }
export { TokenHolder }
export { TokenVerifier }
export { TokenVerifierOptions }
export { UserAuth }
export { adminHandler }
export { createTokenVerifier }
export { getAuth }
export { oauthHandler }
export { requireToken }
export { sendTokens }
export { sessionsHandler }

// @oauth-ratchet/http/adapter
export { Caller }
export { GetAuthOptions }
export { OAuthOptions }
export { Warn }
export { WellKnownOptions }
export { adminRoutes }
export { authOfRequest }
export { checkAdminOptions }
export { checkOAuthOptions }
export { checkOptionNames }
export { checkServer }
export { checkSessionsOptions }
export { errorResponse }
export { lastCatch }
export { misuse }
export { oauthRoutes }
export { sendTokensFor }
export { sessionsRoutes }
export { tokenGuard }
export { tokenSourceOf }
export { warnOnce }
export { wellKnownOf }
export { writeResponse }

declare class TokenVerifier {
    #private;
    readonly issuer: string;
    readonly introspects: boolean;
    constructor(options: TokenVerifierOptions);
    ready(): Promise<void>;
    verify(token: string, options?: VerifyOptions): Promise<Auth>;
    toError(error: unknown): OAuthError;
}
declare const englishTexts: {
    consentTitle: string;
    signedInAs: string;
    notYou: string;
    otherAccount: string;
    clientId: string;
    asksFor: string;
    asksForNothing: string;
    accessLifetime: string;
    accessIdle: string;
    accessLifetimeAndIdle: string;
    destination: string;
    destinationOnDevice: string;
    destinationByScheme: string;
    allow: string;
    deny: string;
    requestFailed: string;
    requestFailedAdvice: string;
    serverFailed: string;
    serverFailedAdvice: string;
    unavailableAdvice: string;
    maintenance: string;
    maintenanceAdvice: string;
    formStale: string;
    formStaleAdvice: string;
    startAgain: string;
    errorCode: string;
    sessionsTitle: string;
    sessionsOf: string;
    sessionsIntro: string;
    sessionsNone: string;
    sessionDevice: string;
    sessionUnknownDevice: string;
    sessionUnreadable: string;
    sessionCurrent: string;
    sessionSignedIn: string;
    sessionSignedInFrom: string;
    sessionLastUsed: string;
    sessionLastUsedFrom: string;
    sessionEnd: string;
    sessionsEndOthers: string;
    sessionsEndAll: string;
    sessionsMore: string;
    sessionsFirst: string;
    sessionEnded: string;
    sessionGone: string;
    sessionsEnded: string;
    sessionsFormStale: string;
    sessionsSignIn: string;
};
declare function adminHandler<Req extends IncomingMessage = IncomingMessage, Res extends ServerResponse = ServerResponse>(server: AuthorizationServer, options: AdminHandlerOptions<Req, Res>): AdminHandler<Req, Res>;
declare function adminRoutes<Req extends IncomingMessage, Res extends ServerResponse>(caller: Caller, server: AuthorizationServer, options: AdminOptions<Req, Res>): AdminRoutes<Req, Res>;
declare function authOfRequest(caller: Caller, req: object, options: GetAuthOptions): Auth | undefined;
declare function checkAdminOptions<Req, Res>(caller: Caller, server: AuthorizationServer, options: AdminOptions<Req, Res>, more?: readonly string[]): void;
declare function checkOAuthOptions<Req, Res>(caller: Caller, options: OAuthOptions<Req, Res>, more?: readonly string[]): void;
declare function checkOptionNames(caller: Caller, name: string, options: unknown, known: readonly string[]): void;
declare function checkServer(caller: Caller, name: string, server: unknown): void;
declare function checkSessionsOptions<Req, Res>(caller: Caller, server: AuthorizationServer, options: SessionsOptions<Req, Res>, more?: readonly string[]): void;
declare function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier;
declare function errorResponse(error: Pick<OAuthError, 'code' | 'message' | 'status' | 'headers'>): EndpointResponse;
declare function getAuth(req: object): Auth;
declare function getAuth(req: object, options: {
    readonly subject: 'user';
}): UserAuth;
declare function getAuth(req: object, options: {
    readonly optional: true;
}): Auth | undefined;
declare function lastCatch(work: Promise<void>, res: ServerResponse, report: (error: unknown) => unknown): void;
declare function misuse({ codes }: Caller, code: string, message: string): ConfigurationError;
declare function oauthHandler<Req extends IncomingMessage = IncomingMessage, Res extends ServerResponse = ServerResponse>(server: AuthorizationServer, options?: OAuthHandlerOptions<Req, Res>): OAuthHandler<Req, Res>;
declare function oauthRoutes<Req extends IncomingMessage, Res extends ServerResponse>(server: AuthorizationServer, options: OAuthOptions<Req, Res>, edge: Edge<Req> & {
    readonly warn: Warn;
}): Map<string, Route<Req, Res>>;
declare function requireToken<Req extends IncomingMessage = IncomingMessage, Res extends ServerResponse = ServerResponse>(server: TokenAuthority, options?: RequireTokenOptions<Req>): RequireToken<Req, Res>;
declare function sendTokens(res: ServerResponse, tokens: TokenResponse, options?: SendTokensOptions): void;
declare function sendTokensFor(caller: Caller, res: ServerResponse, tokens: TokenResponse, options?: SendTokensOptions): void;
declare function sessionsHandler<Req extends IncomingMessage = IncomingMessage, Res extends ServerResponse = ServerResponse>(server: AuthorizationServer, options: SessionsHandlerOptions<Req, Res>): SessionsHandler<Req, Res>;
declare function sessionsRoutes<Req extends IncomingMessage, Res extends ServerResponse>(caller: Caller, server: AuthorizationServer, options: SessionsOptions<Req, Res>): SessionsRoutes<Req, Res>;
declare function tokenGuard<Req extends IncomingMessage>(caller: Caller, server: TokenAuthority, options: RequireTokenOptions<Req>): TokenGuard<Req>;
declare function tokenSourceOf(caller: Caller, authority: TokenAuthority): TokenSource;
declare function warnOnce(): Warn;
declare function wellKnownOf(caller: Caller, name: string, server: AuthorizationServer, options: WellKnownOptions): WellKnown;
declare function writeResponse(res: ServerResponse, { status, headers, body }: EndpointResponse): void;
interface AdminHandlerOptions<Req = IncomingMessage, Res = ServerResponse> extends AdminOptions<Req, Res> {
    readonly path: string;
}
interface AdminOptions<Req = IncomingMessage, Res = ServerResponse> {
    readonly scope?: string | undefined;
    readonly isAdmin?: ((auth: Auth & {
        readonly subject: string;
    }, req: Req) => boolean | Promise<boolean>) | undefined;
    readonly admin?: AdminCallback<Req, Res> | undefined;
}
interface AdminUser {
    readonly by: string;
}
interface Caller {
    readonly codes: 'http' | 'express';
    readonly maker: 'adminHandler' | 'adminRouter' | 'oauthHandler' | 'oauthRouter' | 'sessionsHandler' | 'sessionsRouter';
}
interface ConsentForm {
    readonly action: string;
    readonly fields: Readonly<Record<string, string>>;
}
interface ConsentRequest extends AuthorizationRequest {
    readonly form: ConsentForm;
}
interface Edge<Req> {
    readonly caller: Caller;
    readonly clientAddress: (req: Req) => string | undefined;
}
interface GetAuthOptions {
    readonly optional?: true;
    readonly subject?: 'user';
}
interface IntrospectionOptions {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly cacheFor?: number | undefined;
    readonly cacheSize?: number | undefined;
}
interface IssuerEndpoints {
    readonly jwks?: string | undefined;
    readonly introspection?: string | undefined;
}
interface OAuthHandlerOptions<Req = IncomingMessage, Res = ServerResponse> extends OAuthOptions<Req, Res>, WellKnownOptions {
    readonly path?: string | undefined;
    readonly clientAddress?: ((req: Req) => string | undefined) | undefined;
}
interface OAuthOptions<Req = IncomingMessage, Res = ServerResponse> {
    readonly signIn?: SignInCallback<Req, Res> | undefined;
    readonly consent?: ConsentCallback<Req, Res> | undefined;
    readonly onDecision?: DecisionCallback<Req, Res> | undefined;
    readonly pages?: PagesSource<Req, Res> | undefined;
    readonly cors?: CorsPolicy | undefined;
    readonly refreshTokenCookie?: RefreshTokenCookieOptions | undefined;
    readonly passErrors?: boolean | undefined;
}
interface PageError {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly startAgain: string | undefined;
}
interface PageLogo {
    readonly src: string;
    readonly alt: string;
}
interface PagesOptions<Req = IncomingMessage, Res = ServerResponse> {
    readonly lang?: string | undefined;
    readonly dir?: 'ltr' | 'rtl' | undefined;
    readonly texts?: {
        readonly [Name in keyof PageTexts]?: PageTexts[Name] | undefined;
    } | undefined;
    readonly scopes?: Readonly<Record<string, string>> | undefined;
    readonly logo?: PageLogo | undefined;
    readonly style?: string | undefined;
    readonly errorPage?: ErrorPageCallback<Req, Res> | undefined;
}
interface RefreshTokenCookieOptions {
    readonly clients: readonly string[];
    readonly path?: string | undefined;
    readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
}
interface RequireToken<Req = IncomingMessage, Res = ServerResponse> {
    (req: Req, res: Res, next: () => void): void;
    readonly authenticate: TokenGuard<Req>;
}
interface RequireTokenOptions<Req = IncomingMessage> extends VerifyOptions {
    readonly scope?: string | readonly string[];
    readonly optional?: boolean | undefined;
    readonly subject?: 'user' | 'any' | undefined;
    readonly user?: ((auth: Auth, req: Req) => unknown) | undefined;
    readonly property?: string | undefined;
}
interface SendTokensOptions {
    readonly server: AuthorizationServer;
    readonly clientId: string;
}
interface SessionsHandlerOptions<Req = IncomingMessage, Res = ServerResponse> extends SessionsOptions<Req, Res> {
    readonly path: string;
}
interface SessionsOptions<Req = IncomingMessage, Res = ServerResponse> {
    readonly scope?: string | undefined;
    readonly user?: SessionsUserCallback<Req, Res> | undefined;
    readonly pages?: PagesSource<Req, Res> | undefined;
    readonly describeDevice?: ((userAgent: string) => string | undefined) | undefined;
}
interface SessionsUser {
    readonly subject: string;
    readonly session?: string | undefined;
    readonly grantId?: string | undefined;
    readonly name?: string | undefined;
}
interface TokenHolder {
    readonly auth: Auth;
    readonly user?: unknown;
}
interface TokenSource {
    readonly issuer: string;
    readonly scopes: ReadonlySet<string>;
    readonly checksGrants: boolean;
    readonly verify: (token: string, options: VerifyOptions) => Promise<Auth>;
    readonly toError: (error: unknown) => OAuthError;
}
interface TokenVerifierOptions {
    readonly issuer: string;
    readonly audience?: string | readonly string[] | undefined;
    readonly introspection?: IntrospectionOptions | undefined;
    readonly endpoints?: IssuerEndpoints | undefined;
    readonly clockTolerance?: number | undefined;
    readonly timeout?: number | undefined;
    readonly onFailure?: ((error: unknown) => void) | undefined;
    readonly allowInsecureIssuer?: 'private-network' | undefined;
    readonly fetch?: typeof fetch | undefined;
    readonly now?: (() => number) | undefined;
}
interface WellKnown {
    readonly path: string;
    readonly names: readonly string[];
    readonly served: ReadonlySet<string>;
    readonly answer: (req: IncomingMessage, res: ServerResponse) => void;
}
interface WellKnownOptions {
    readonly openidConfiguration?: boolean | undefined;
}
type AdminCallback<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res) => AdminResult | Promise<AdminResult>;
type AdminHandler<Req = IncomingMessage, Res = ServerResponse> = HandlerBelow<Req, Res>;
type AdminResult = AdminUser | null | undefined | void;
type AdminRoutes<Req, Res> = (req: Req, res: Res, path: string) => boolean;
type ConsentCallback<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res, request: ConsentRequest) => ConsentResult | Promise<ConsentResult>;
type ConsentResult = {
    readonly scope: string | readonly string[];
} | 'deny' | 'ask' | null | undefined | void;
type Decision = {
    readonly scope: readonly string[];
} | 'deny';
type DecisionCallback<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res, request: AuthorizationRequest, decision: Decision) => void | Promise<void>;
type ErrorPageCallback<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res, error: PageError) => void | Promise<void>;
type HandlerBelow<Req, Res> = (req: Req, res: Res, next?: Next) => void;
type Next = (error?: unknown) => void;
type OAuthHandler<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res, next?: Next) => void;
type PageTexts = Readonly<typeof englishTexts>;
type PagesSource<Req = IncomingMessage, Res = ServerResponse> = PagesOptions<Req, Res> | ((req: Req) => PagesOptions<Req, Res>);
type Route<Req, Res> = (req: Req, res: Res, next: Next | undefined) => void;
type SessionsHandler<Req = IncomingMessage, Res = ServerResponse> = HandlerBelow<Req, Res>;
type SessionsRoutes<Req, Res> = (req: Req, res: Res, path: string) => boolean;
type SessionsUserCallback<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res) => SessionsUserResult | Promise<SessionsUserResult>;
type SessionsUserResult = SessionsUser | null | undefined | void;
type SignInCallback<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res, request: AuthorizationRequest) => SignInResult | Promise<SignInResult>;
type SignInResult = SignIn | null | undefined | void;
type TokenAuthority = AuthorizationServer | TokenVerifier;
type TokenGuard<Req> = (req: Req) => Promise<TokenHolder | undefined>;
type UserAuth = Auth & {
    readonly subject: string;
    readonly grantId: string;
};
type Warn = (code: string, message: string) => void;
