// @oauth-ratchet/testing
export { AgentResponse }
export { LoginOptions }
export { Session }
export { SessionMatchers }
export { SignedIn }
export { SignedInOptions }
export { TestClock }
export { TestServer }
export { TestServerOptions }
export { Tokens }
export { assertEnded }
export { assertSignedIn }
export { createTestServer }
export { matchers }
export { signedIn }
export { testClientId }

declare class Session {
    #private;
    readonly server: AuthorizationServer;
    constructor(server: AuthorizationServer, tokens: SessionTokens, refresh: Refresh);
    get accessToken(): string;
    get refreshToken(): string | undefined;
    refresh(): Promise<void>;
    refreshIfExpired(): Promise<void>;
}
declare class TestClock {
    #private;
    constructor(startsAt?: Date);
    readonly now: () => number;
    advance(seconds: number): void;
}
declare const matchers: {
    toBeSignedIn(received: Tokens, server?: AuthorizationServer): Promise<MatcherResult>;
    toHaveEnded(received: Tokens, server?: AuthorizationServer): Promise<MatcherResult>;
};
declare const testClientId = "app";
declare function assertEnded(received: Tokens, server?: AuthorizationServer): Promise<void>;
declare function assertSignedIn(received: Tokens, server?: AuthorizationServer): Promise<void>;
declare function createTestServer(options?: TestServerOptions): TestServer;
declare function signedIn<A extends object>(agent: A, options: SignedInOptions | LoginOptions<A>): Promise<SignedIn<A>>;
interface AgentResponse {
    readonly status: number;
    readonly headers: object;
    readonly body: unknown;
}
interface LoginOptions<A> {
    readonly server: AuthorizationServer;
    readonly login: (agent: A) => PromiseLike<AgentResponse>;
    readonly clientId?: string | undefined;
    readonly tokenPath?: string | undefined;
}
interface MatcherResult {
    readonly pass: boolean;
    readonly message: () => string;
}
interface SessionMatchers {
    toBeSignedIn(server?: AuthorizationServer): Promise<void>;
    toHaveEnded(server?: AuthorizationServer): Promise<void>;
}
interface SessionTokens extends Partial<TokenResponse> {
    readonly access_token: string;
}
interface SignedInOptions extends Partial<Omit<IssueOptions, 'subject'>> {
    readonly server: AuthorizationServer;
    readonly subject: string;
}
interface TestServer {
    readonly server: AuthorizationServer;
    readonly clock: TestClock;
    readonly storage: Storage;
}
type Refresh = (refreshToken: string) => Promise<SessionTokens | undefined>;
type SignedIn<A> = A & {
    readonly session: Session;
};
type TestServerOptions = Partial<Omit<AuthorizationServerOptions, 'now'>>;
type Tokens = {
    readonly session: Session;
} | {
    readonly access_token?: string | undefined;
    readonly refresh_token?: string | undefined;
} | string;
