// @oauth-ratchet/core
export { AccessTokenOptions }
export { Auth }
export { AuthorizationCodeOptions }
export { AuthorizationEndpoint }
export { AuthorizationRequest }
export { AuthorizationServer }
export { AuthorizationServerOptions }
export { ByOptions }
export { CallbackError }
export { ClientChangeError }
export { ClientChangeProblem }
export { ClientLookup }
export { ClientMembers }
export { ClientMetadata }
export { ClientRecord }
export { ClientStore }
export { ClientWithSecret }
export { Clients }
export { ClientsPage }
export { ClientsPageOptions }
export { ConfigurationError }
export { CorsPolicy }
export { CreateClientOptions }
export { CursorError }
export { EndpointOptions }
export { EndpointRequest }
export { EndpointResponse }
export { Endpoints }
export { FaultLog }
export { ForeignSession }
export { Grant }
export { GrantChanges }
export { GrantFields }
export { GrantPage }
export { GrantRecord }
export { GrantStore }
export { GrantType }
export { GrantUpdate }
export { Grants }
export { GrantsPage }
export { GrantsPageOptions }
export { ImportSettings }
export { ImportTokenOptions }
export { Instrumentation }
export { Introspection }
export { IssueOptions }
export { Jwk }
export { LifetimeCaps }
export { ListFilter }
export { Listing }
export { Maintenance }
export { MemoryStorage }
export { NewClient }
export { OAuthError }
export { OAuthErrorCode }
export { OAuthErrorOptions }
export { ObserveReuseOptions }
export { Page }
export { PendingAuthorization }
export { RecentlyUsed }
export { RefreshOptions }
export { RefreshTokenCookie }
export { RefreshTokenCookies }
export { RefreshTokenOptions }
export { RegisteredClient }
export { RequestOutcome }
export { Reseal }
export { ReuseCause }
export { ReuseEvidence }
export { Revocation }
export { RevocationReason }
export { RevokeAllOptions }
export { RevokeFilter }
export { RevokeOptions }
export { RevokeResult }
export { RevokeSomeOptions }
export { RevokedSome }
export { ScanFilter }
export { ServerEventListener }
export { ServerEventName }
export { ServerEvents }
export { SessionDetail }
export { SessionOptions }
export { Settings }
export { SignIn }
export { StartedRequest }
export { StartedStorageCall }
export { Storage }
export { StorageError }
export { StorageOutcome }
export { SubjectPosition }
export { Throttle }
export { ThrottleOptions }
export { TokenResponse }
export { Tokens }
export { TurnChange }
export { TurnExpectation }
export { TurnResult }
export { ValuePage }
export { ValueRecord }
export { ValueStore }
export { VerifyOptions }
export { amendRecord }
export { checkIssuer }
export { copyMarkerId }
export { createAuthorizationServer }
export { cursorAt }
export { describeFault }
export { errorCors }
export { grantRecord }
export { isAmendable }
export { isClientChangeError }
export { isCursorError }
export { isGrantId }
export { isListed }
export { isLive }
export { isLoopbackHost }
export { isMeant }
export { isOAuthError }
export { isReservedClaim }
export { isSelected }
export { isTurnable }
export { json as jsonResponse }
export { mayUseHttp }
export { misspeltMember }
export { pageOf }
export { preflight }
export { readCursor }
export { readSubjectCursor }
export { revocation }
export { revokedRecord }
export { subjectCursor }
export { tokensWithCookie }
export { tombstone }
export { turnRecord }
export { unknownName }
export { wasEndedBy }
export { wrongOptions }

declare class AccessTokens {
    #private;
    constructor(parts: {
        ring: KeyRing;
        settings: Settings;
        storage: Storage;
        clients: ClientDirectory;
        events: Events;
        options: AccessTokenOptions;
    });
    get keys(): readonly SigningKey[];
    get asksClaimsAtIssue(): boolean;
    claimsFor(grant: GrantRecord, facts: Facts): Promise<Readonly<Record<string, unknown>>>;
    issue(client: Client, grant: GrantRecord, facts: Facts, scope: string, claims: Readonly<Record<string, unknown>> | undefined, now: number): IssuedAccessToken;
    issueForClient(client: Client, scope: string): IssuedAccessToken;
    open(text: string, origin?: Origin): Promise<GenuineAccessToken | undefined>;
    check(text: string, askGrant?: boolean, origin?: Origin): Promise<ActiveAccessToken | undefined>;
    checkOpened(token: GenuineAccessToken, askGrant?: boolean): Promise<ActiveAccessToken | undefined>;
    revoke(token: GenuineAccessToken, grant: GrantRecord | undefined): Promise<void>;
}
declare class AuthorizationServer {
    #private;
    readonly grants: Grants;
    readonly clients: Clients;
    readonly tokens: Tokens;
    readonly maintenance: Maintenance;
    readonly endpoints: Endpoints;
    constructor(options: AuthorizationServerOptions);
    get settings(): Settings;
    on<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): this;
    off<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): this;
    instrument(instrumentation: Instrumentation): () => void;
    ready(): Promise<void>;
    ping(): Promise<void>;
    close(): Promise<void>;
}
declare class CallbackError extends Error {
    readonly name = "CallbackError";
    readonly callback: string;
    readonly late: boolean;
    constructor(callback: string, reason: string, cause?: unknown, late?: boolean);
}
declare class ClientAuthentication {
    #private;
    constructor(directory: ClientDirectory, events: Events, settings: Settings);
    authenticate(request: EndpointRequest, parameters: Parameters, origin: Origin, served?: ServedClients): Promise<Client>;
}
declare class ClientChangeError extends RangeError {
    readonly name = "ClientChangeError";
    readonly problem: ClientChangeProblem;
    constructor(problem: ClientChangeProblem, message: string);
}
declare class ClientDirectory {
    #private;
    constructor(clients: readonly ClientMetadata[] | ClientLookup, store: ClientStore, settings: Settings);
    find(id: string): Promise<Client | undefined>;
    configured(id: string): Client | undefined;
    configuredIds(): readonly string[];
    isConfigured(id: string): boolean;
    forget(id: string): void;
    require(id: string): Promise<Client>;
}
declare class Clients {
    #private;
    constructor(parts: {
        store: ClientStore;
        settings: Settings;
        directory: ClientDirectory;
        events: Events;
        maintenance: Maintenance;
    });
    create(metadata: NewClient, options?: CreateClientOptions): Promise<ClientWithSecret>;
    get(clientId: string): Promise<RegisteredClient | undefined>;
    nameOf(clientId: string): Promise<string | undefined>;
    list(): Promise<RegisteredClient[]>;
    page(options?: ClientsPageOptions): Promise<ClientsPage>;
    update(clientId: string, changes: Partial<NewClient>, options?: ByOptions): Promise<RegisteredClient | undefined>;
    remove(clientId: string, options?: ByOptions): Promise<boolean>;
    disable(clientId: string, disabled?: boolean, options?: ByOptions): Promise<RegisteredClient | undefined>;
    rotateSecret(clientId: string, options?: {
        overlap?: number;
    } & ByOptions): Promise<ClientWithSecret | undefined>;
}
declare class ConfigurationError extends Error {
    readonly name = "ConfigurationError";
    readonly code: string;
    constructor(code: string, message: string);
}
declare class CursorError extends RangeError {
    readonly name = "CursorError";
    constructor(message?: string);
}
declare class Endpoints {
    #private;
    constructor(parts: ServerParts);
    token(request: EndpointRequest, options?: EndpointOptions): Promise<EndpointResponse>;
    revoke(request: EndpointRequest, options?: EndpointOptions): Promise<EndpointResponse>;
    introspect(request: EndpointRequest): Promise<EndpointResponse>;
    jwks(): EndpointResponse;
    useCookieFor(clientIds: readonly string[]): void;
    toError(error: unknown): OAuthError;
    metadata(): EndpointResponse;
    authorization(): AuthorizationEndpoint;
}
declare class Events {
    #private;
    constructor(now: () => number);
    on<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): void;
    off<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): void;
    has(name: ServerEventName): boolean;
    emit<Name extends ServerEventName>(name: Name, event: Omit<ServerEvents[Name], 'at'>): void;
    reportInstrumentation(error: unknown): void;
}
declare class FaultLog {
    #private;
    write(what: string, error: unknown, advice?: string): void;
}
declare class ForeignTokens {
    #private;
    constructor(options: ImportSettings, parts: {
        settings: Settings;
        values: ValueStore;
        ratchet: Ratchet;
        revoker: Revoker;
        issuer: GrantIssuer;
        signOuts: SignOuts;
        ring: KeyRing;
        events: Events;
    });
    open(client: Client | undefined, text: string): GenuineToken | undefined;
    present(client: Client, text: string, origin: Origin, seenFrom: SeenFrom | undefined): Promise<GenuineToken | undefined>;
    renounce(client: Client | undefined, token: GenuineToken, text: string, origin: Origin): Promise<void>;
}
declare class GrantIssuer {
    #private;
    constructor(parts: {
        settings: Settings;
        ratchet: Ratchet;
        revoker: Revoker;
        accessTokens: AccessTokens;
        grants: GrantStore;
        ring: KeyRing;
        events: Events;
        signOuts: SignOuts;
    });
    scopeFor(client: Client, requested: string | readonly string[] | undefined, forUser?: boolean): string[];
    lifetimesFor(client: Client, scope: readonly string[], own: SignIn['lifetimes']): Lifetimes;
    beginWithCode(client: Client, signIn: SignIn, scope: readonly string[], binding: CodeBinding, from?: SeenFrom): Promise<string>;
    issue(client: Client, signIn: SignIn, scope: readonly string[], origin: Origin, from?: SeenFrom): Promise<TokenResponse>;
    draft(client: Client, signIn: SignIn, scope: readonly string[], from?: SeenFrom, token?: RatchetToken): {
        readonly record: GrantRecord;
        readonly facts: Facts;
    };
    claimsAtIssue(record: GrantRecord, facts: Facts): Promise<Claims | undefined>;
    assertNotSignedOut(record: GrantRecord, facts: Facts): Promise<void>;
    assertRoom(client: Client, subject: string, code?: OAuthErrorCode): Promise<void>;
    begun(client: Client, record: GrantRecord, facts: Facts, claims: Claims | undefined, origin: Origin, imported?: {
        readonly scope: string;
    }): Promise<TokenResponse>;
    respond(client: Client, record: GrantRecord, facts: Facts, scope: string, claims: Claims | undefined, at: number): TokenResponse;
}
declare class Grants {
    #private;
    constructor(parts: {
        grants: GrantStore;
        ring: KeyRing;
        settings: Settings;
        revoker: Revoker;
        clients: ClientDirectory;
        registry: Clients;
        issuer: GrantIssuer;
        events: Events;
        maintenance: Maintenance;
        signOuts: SignOuts;
    });
    issue(options: IssueOptions): Promise<TokenResponse>;
    get(id: string): Promise<Grant | undefined>;
    list(options: {
        subject: string;
        clientId?: string;
        limit?: number;
    }): Promise<Grant[]>;
    each(options: {
        subject: string;
        clientId?: string;
    }): AsyncGenerator<Grant, void, undefined>;
    page(options: GrantsPageOptions): Promise<GrantsPage>;
    update(id: string, update: GrantUpdate): Promise<Grant | undefined>;
    revoke(id: string, options?: {
        subject?: string;
        by?: string | undefined;
    }): Promise<boolean>;
    revokeAll(options: RevokeAllOptions): Promise<number>;
    revokeSome(options: RevokeSomeOptions): Promise<RevokedSome>;
    erase(options: {
        readonly subject: string;
        readonly by?: string | undefined;
    }): Promise<number>;
}
declare class Hmac {
    #private;
    constructor(key: Uint8Array);
    of(text: Uint8Array | string): Buffer;
    append(bytes: Buffer, end: number): void;
    verifies(bytes: Buffer): boolean;
}
declare class Instruments {
    #private;
    active: boolean;
    constructor(onFault: (error: unknown) => void);
    add(instrumentation: Instrumentation): () => void;
    request<T>(started: StartedRequest, work: () => Promise<T>, outcomeOf: (settled: PromiseSettledResult<T>) => RequestOutcome): Promise<T>;
    storage<T>(started: StartedStorageCall, work: () => Promise<T>): Promise<T>;
}
declare class KeyRing {
    #private;
    readonly current: Keys;
    readonly all: readonly Keys[];
    readonly unsealed: RecentlyUsed<string, Unsealed>;
    constructor(secrets: readonly Uint8Array[], realm: string);
    find(id: number): Keys | undefined;
    subjectHash(subject: string): string;
    subjectHashes(subject: string): string[];
    sessionHash(session: string): string;
    sessionHashes(session: string): string[];
}
declare class Maintenance {
    #private;
    constructor(shared: (() => boolean) | undefined);
    on(options?: {
        readonly retryAfter?: number;
    }): void;
    off(): void;
    get isOn(): boolean;
    assertOff(): void;
}
declare class MemoryStorage implements Storage {
    readonly grants: GrantStore;
    readonly values: ValueStore;
    readonly clients: ClientStore;
    constructor();
    init(): Promise<void>;
    ping(): Promise<void>;
    close(): Promise<void>;
}
declare class OAuthError extends Error {
    readonly name = "OAuthError";
    get [oauthErrorBrand](): true;
    readonly code: OAuthErrorCode;
    readonly status: number;
    readonly retryAfter: number | undefined;
    readonly headers: Readonly<Record<string, string>>;
    readonly reason: 'maintenance' | undefined;
    constructor(code: OAuthErrorCode, description: string, options?: OAuthErrorOptions);
    toJSON(): {
        error: string;
        error_description: string;
    };
}
declare class Origin {
    #private;
    readonly by: string | undefined;
    constructor(source?: OriginSource, by?: string);
    get requestId(): string;
    get remoteAddress(): string | undefined;
    get userAgent(): string | undefined;
    describe(): OriginMembers;
}
declare class Ratchet {
    #private;
    constructor(store: GrantStore, ring: KeyRing, settings: Settings, events: Events, revoker: Revoker);
    open(kind: RatchetTokenKind, text: string, origin: Origin): GenuineToken | undefined;
    tokenOf(record: GrantRecord): string;
    issue(record: GrantRecord): Promise<void>;
    create(record: GrantRecord): Promise<boolean>;
    find(id: string): Promise<GrantRecord | undefined>;
    inspect(token: GenuineToken, circumstances: Circumstances): Promise<{
        verdict: Verdict;
        grant: GrantRecord | undefined;
    }>;
    turn(token: GenuineToken, circumstances: Circumstances, reseal?: Reseal): Promise<TurnOutcome>;
    reseal(record: GrantRecord, facts: Facts): Reseal;
}
declare class RecentlyUsed<Key, Value> {
    #private;
    constructor(size: number);
    get(key: Key): Value | undefined;
    set(key: Key, value: Value, weight?: number): void;
    delete(key: Key): void;
}
declare class Revoker {
    #private;
    constructor(store: GrantStore, ring: KeyRing, settings: Settings, events: Events);
    revoke(id: string, reason: RevocationReason, circumstances?: RevokeCircumstances): Promise<boolean>;
    announceRevoked(before: GrantRecord, reason: RevocationReason, { origin, by }: RevokeCircumstances): void;
    keepUntil(now: number): number;
    handleReuse(grant: GrantRecord, token: {
        readonly generation: number;
        readonly nonce: string;
    }, circumstances: ReuseCircumstances): Promise<void>;
}
declare class SignOuts {
    #private;
    constructor(parts: {
        values: ValueStore;
        ring: KeyRing;
        settings: Settings;
    });
    note(subject: string, keepUntil?: number): Promise<void>;
    everywhere<T>(subject: string, end: () => Promise<T>, keepUntil?: number): Promise<T>;
    endedLogin(facts: Facts, record?: Pick<GrantRecord, 'createdAt'>): Promise<boolean>;
    endedForeign(facts: Facts, record?: Pick<GrantRecord, 'createdAt'>): Promise<boolean>;
}
declare class StorageError extends Error {
    readonly name = "StorageError";
    readonly outcome: 'unknown' | 'not_applied';
    readonly code: string | undefined;
    constructor(message: string, options?: {
        outcome?: 'unknown' | 'not_applied';
        cause?: unknown;
        code?: string | undefined;
    });
}
declare class Throttle {
    #private;
    constructor(options: ThrottleOptions);
    fail(name: string, address: string | undefined): boolean;
    isOver(name: string, address: string | undefined): boolean;
    error(name: string, address: string | undefined): OAuthError;
}
declare class Tokens {
    #private;
    constructor(parts: ServerParts);
    refresh(options: RefreshOptions): Promise<TokenResponse>;
    verify(token: string, options?: VerifyOptions): Promise<Auth>;
    introspect(token: string): Promise<Introspection>;
    revoke(token: string, options?: {
        by?: string | undefined;
    }): Promise<void>;
}
declare const copyMarkerId = "oauth-ratchet:copy";
declare const oauthErrorBrand: unique symbol;
declare function amendRecord(record: GrantRecord, changes: GrantChanges): GrantRecord;
declare function asksForLogin(pending: PendingAuthorization): boolean;
declare function authorizationEndpoint(parts: ServerParts): {
    begin: (request: import("../../index.js").EndpointRequest) => Promise<import("./pending-authorization.js").PendingAuthorization>;
    describe: (pending: import("./pending-authorization.js").PendingAuthorization, mustReauthenticate: boolean, signIn?: Pick<import("../../index.js").SignIn, "lifetimes"> | undefined) => import("./describe-request.js").AuthorizationRequest;
    asksForLogin: typeof asksForLogin;
    checkSignIn: typeof checkSignIn;
    isRecentEnough: typeof isRecentEnough;
    grant: (pending: import("./pending-authorization.js").PendingAuthorization, signIn: import("../../index.js").SignIn, scope: readonly string[], request?: Pick<import("../../index.js").EndpointRequest, "headers" | "remoteAddress"> | undefined) => Promise<import("../../index.js").EndpointResponse>;
    refuse: (pending: import("./pending-authorization.js").PendingAuthorization, error: import("../../index.js").OAuthError | import("../../index.js").OAuthErrorCode) => import("../../index.js").EndpointResponse;
    sealConsent: (pending: import("./pending-authorization.js").PendingAuthorization, subject: string, browser: string) => string;
    openConsent: (sealed: string, subject: string, browsers: readonly string[]) => Promise<import("./pending-authorization.js").PendingAuthorization | undefined>;
    peekConsent: (sealed: string) => Promise<import("./consent-form.js").PeekedConsent | undefined>;
    scopeDescription: (scope: string) => string | undefined;
    toError: (error: unknown) => import("../../index.js").OAuthError;
};
declare function checkIssuer(issuer: unknown, allowInsecure?: unknown): string;
declare function checkSignIn(signIn: SignIn): void;
declare function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer;
declare function cursorAt(listing: Listing, position: string): string;
declare function describeFault(error: unknown): string;
declare function errorCors(origin: string): Record<string, string>;
declare function grantRecord(fields: GrantFields): GrantRecord;
declare function isAmendable(record: GrantRecord, expectedRevision: number, now: number): boolean;
declare function isClientChangeError(error: unknown): error is ClientChangeError;
declare function isCursorError(error: unknown): error is CursorError;
declare function isGrantId(id: unknown): id is string;
declare function isListed(record: GrantRecord, filter: ListFilter): boolean;
declare function isLive(record: GrantRecord, now: number): boolean;
declare function isLoopbackHost(hostname: string): boolean;
declare function isMeant(record: GrantRecord | undefined, { subjectHashes, expected }: Pick<RevokeOptions, 'subjectHashes' | 'expected'>): boolean;
declare function isOAuthError(error: unknown): error is OAuthError;
declare function isRecentEnough(pending: PendingAuthorization, signIn: SignIn): boolean;
declare function isReservedClaim(name: string): boolean;
declare function isSelected(record: GrantRecord, filter: RevokeFilter): boolean;
declare function isTurnable(record: GrantRecord, expected: TurnExpectation): boolean;
declare function json(status: number, body: unknown, headers?: Readonly<Record<string, string>>): EndpointResponse;
declare function mayUseHttp(url: URL, onPrivateNetworks: boolean): boolean;
declare function misspeltMember(where: string, value: Readonly<Record<string, unknown>>, known: readonly string[], aliases?: Aliases): string | undefined;
declare function pageOf<Entry>(found: readonly Entry[], limit: number, cursorOf: (last: Entry) => string): {
    readonly entries: readonly Entry[];
    readonly cursor?: string;
};
declare function preflight(methods: string, request: Pick<EndpointRequest, 'headers'>): EndpointResponse;
declare function readCursor(listing: Listing, cursor: string | undefined): string;
declare function readSubjectCursor(cursor: string | undefined): SubjectPosition | undefined;
declare function revocation(id: string, before: GrantRecord | undefined, revoked: Revocation, options: Pick<RevokeOptions, 'subjectHashes' | 'expected' | 'keepUntil'>): {
    readonly ended: boolean;
    readonly after?: GrantRecord;
};
declare function revokedRecord(record: GrantRecord, revoked: Revocation, keepUntil: number): GrantRecord;
declare function subjectCursor({ createdAt, id }: SubjectPosition): string;
declare function tokensWithCookie(tokens: TokenResponse, cookie: RefreshTokenCookie, inBody?: boolean): EndpointResponse;
declare function tombstone(id: string, revoked: Revocation, keepUntil: number): GrantRecord;
declare function turnRecord(record: GrantRecord, now: number, next: TurnChange): GrantRecord;
declare function unknownName(where: string, kind: string, name: string, known: readonly string[], aliases?: Aliases): string;
declare function wasEndedBy(record: GrantRecord, by: string): boolean;
declare function wrongOptions(where: string, options: unknown, known: readonly string[], aliases?: Aliases): string | undefined;
interface AccessTokenContent {
    readonly id: string;
    readonly grantId?: string;
    readonly clientId: string;
    readonly scope: string;
    readonly audience: readonly string[];
    readonly issuedAt: number;
    readonly expiresAt: number;
}
interface AccessTokenOptions {
    readonly format?: 'opaque' | 'jwt' | undefined;
    readonly lifetime?: number | undefined;
    readonly audience?: string | readonly string[] | undefined;
    readonly signingKeys?: readonly Jwk[] | undefined;
    readonly publishDerivedKeysUntil?: Date | number | undefined;
    readonly claims?: ((grant: Grant) => Promise<Record<string, unknown>> | Record<string, unknown>) | undefined;
}
interface ActiveAccessToken {
    readonly token: GenuineAccessToken;
    readonly client: Client;
    readonly grant?: GrantRecord;
    readonly facts?: Facts;
}
interface Auth {
    readonly token: string;
    readonly clientId: string;
    readonly subject?: string;
    readonly grantId?: string;
    readonly scope: readonly string[];
    readonly claims: Readonly<Record<string, unknown>>;
    readonly audience: readonly string[];
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly authTime?: number;
    readonly acr?: string;
    readonly amr?: readonly string[];
}
interface AuthorizationCodeOptions {
    readonly lifetime?: number | undefined;
    readonly requirePkce?: 'always' | 'public' | undefined;
}
interface AuthorizationRequest {
    readonly client: ClientMetadata;
    readonly scope: readonly string[];
    readonly grantedScope: readonly string[];
    readonly resources: readonly string[];
    readonly lifetimes: {
        readonly idle: number | null;
        readonly absolute: number | null;
    };
    readonly prompt: readonly string[];
    readonly redirectUri: string;
    readonly loginHint: string | undefined;
    readonly maxAge: number | undefined;
    readonly mustReauthenticate: boolean;
    readonly returnTo: string;
    readonly switchAccount: string;
}
interface AuthorizationServerOptions {
    readonly issuer: string;
    readonly basePath?: string | undefined;
    readonly secrets: readonly (string | Uint8Array | undefined)[];
    readonly storage: Storage;
    readonly clients?: readonly ClientMetadata[] | ClientLookup | undefined;
    readonly scopes?: readonly string[] | Readonly<Record<string, string>> | undefined;
    readonly unknownScopes?: 'refuse' | 'ignore' | undefined;
    readonly accessToken?: AccessTokenOptions | undefined;
    readonly refreshToken?: RefreshTokenOptions | undefined;
    readonly authorizationCode?: AuthorizationCodeOptions | undefined;
    readonly sessions?: SessionOptions | undefined;
    readonly authenticateUser?: ((username: string, password: string) => Promise<SignIn | null | undefined> | SignIn | null | undefined) | undefined;
    readonly isSubjectActive?: ((subject: string) => Promise<boolean> | boolean) | undefined;
    readonly realm?: string | undefined;
    readonly grantsNotBefore?: Date | number | undefined;
    readonly maintenance?: (() => boolean) | undefined;
    readonly now?: (() => number) | undefined;
    readonly storageTimeout?: number | undefined;
    readonly callbackTimeout?: number | undefined;
    readonly sweepInterval?: number | undefined;
    readonly throttle?: {
        readonly attempts?: number | undefined;
        readonly window?: number | undefined;
    } | false | undefined;
    readonly localhostAnyPort?: boolean | undefined;
    readonly allowInsecureIssuer?: 'private-network' | undefined;
}
interface ByOptions {
    readonly by?: string | undefined;
}
interface Circumstances {
    readonly clientId: string;
    readonly clientNotBefore: number;
    readonly limits: GrantLimits;
    readonly reuseGraceMs?: number | undefined;
    readonly boundKey?: string;
    readonly keyHash?: string | undefined;
    readonly binding?: PresentedBinding;
    readonly observeReuseUntil?: number;
    readonly origin: Origin;
    readonly seenFrom?: SeenFrom | undefined;
}
interface Client extends ClientPolicy {
    readonly id: string;
    readonly authMethod: 'none' | 'client_secret_basic' | 'client_secret_post';
    readonly secrets: readonly ClientSecret[];
    readonly redirectUris: readonly string[];
    readonly grantTypes: ReadonlySet<string>;
    readonly scope: readonly string[];
    readonly origins: ReadonlySet<string>;
    readonly mayIntrospect: 'own' | 'any';
    readonly notBefore: number;
    readonly disabled: boolean;
    readonly metadata: ClientMetadata;
}
interface ClientMembers {
    readonly token_endpoint_auth_method?: 'none' | 'client_secret_basic' | 'client_secret_post' | undefined;
    readonly redirect_uris?: readonly string[] | undefined;
    readonly grant_types?: readonly GrantType[] | undefined;
    readonly response_types?: readonly ('code' | (string & Record<never, never>))[] | undefined;
    readonly scope?: string | undefined;
    readonly client_name?: string | undefined;
    readonly client_uri?: string | undefined;
    readonly allowed_origins?: readonly string[] | undefined;
    readonly may_introspect?: 'own' | 'any' | undefined;
    readonly grants_not_before?: number | undefined;
    readonly disabled?: boolean | undefined;
    readonly reuse_grace?: number | undefined;
    readonly reuse_observe_until?: number | undefined;
    readonly idle_lifetime?: number | undefined;
    readonly absolute_lifetime?: number | undefined;
    readonly offline_idle_lifetime?: number | undefined;
    readonly offline_absolute_lifetime?: number | undefined;
    readonly max_grants_per_subject?: number | undefined;
    readonly access_token_lifetime?: number | undefined;
}
interface ClientMetadata extends ClientMembers {
    readonly client_id: string;
    readonly client_secret?: string | undefined;
    readonly [member: string]: unknown;
}
interface ClientPolicy {
    readonly reuseGraceMs: number | undefined;
    readonly observeReuseUntil: number;
    readonly accessTokenLifetimeMs: number;
    readonly limits: GrantLimits;
    readonly maxGrantsPerSubject: number | undefined;
}
interface ClientRecord {
    readonly id: string;
    readonly revision: number;
    readonly data: string;
}
interface ClientSecret {
    readonly hash: Buffer;
    readonly weak: boolean;
    readonly expiresAt?: number;
}
interface ClientStore {
    find(id: string): Promise<ClientRecord | undefined>;
    save(client: ClientRecord, expectedRevision: number | null): Promise<boolean>;
    remove(id: string): Promise<boolean>;
    list(page: Page): Promise<{
        readonly clients: readonly ClientRecord[];
        readonly cursor?: string;
    }>;
}
interface ClientWithSecret extends RegisteredClient {
    readonly client_secret?: string;
    readonly client_secret_expires_at?: number;
}
interface ClientsPage {
    readonly clients: readonly RegisteredClient[];
    readonly cursor?: string;
}
interface ClientsPageOptions {
    readonly limit?: number;
    readonly cursor?: string;
}
interface CodeBinding {
    readonly codeChallenge?: string;
    readonly redirectUri: string;
    readonly redirectUriSent: boolean;
}
interface CreateClientOptions extends ByOptions {
    readonly secret?: string | undefined;
}
interface EndpointOptions {
    readonly cors?: CorsPolicy;
    readonly refreshTokenCookies?: RefreshTokenCookies | undefined;
}
interface EndpointRequest {
    readonly method: string;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly query: string;
    readonly body?: Uint8Array | object | undefined;
    readonly remoteAddress?: string | undefined;
    readonly requestId?: string | undefined;
}
interface EndpointResponse {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}
interface EventBase {
    readonly at: number;
    readonly requestId?: string;
}
interface Facts {
    readonly subject: string;
    readonly scope: string;
    readonly session?: string;
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly authTime?: number;
    readonly acr?: string;
    readonly amr?: readonly string[];
    readonly resources?: readonly string[];
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly label?: string;
    readonly userAgent?: string;
    readonly remoteAddress?: string;
}
interface ForeignSession extends Omit<SignIn, 'name'> {
    readonly scope?: string | readonly string[] | undefined;
    readonly expiresAt: Date | string | number;
    readonly id?: string | number | bigint | undefined;
}
interface GenuineAccessToken extends AccessTokenContent {
    readonly proof?: string;
    readonly details?: JwtDetails;
}
interface GenuineToken extends RatchetToken {
    readonly kind: RatchetTokenKind;
    readonly current: boolean;
}
interface Grant {
    readonly id: string;
    readonly clientId: string;
    readonly subject: string | undefined;
    readonly scope: readonly string[];
    readonly claims: Readonly<Record<string, unknown>>;
    readonly authTime: number | undefined;
    readonly acr: string | undefined;
    readonly amr: readonly string[] | undefined;
    readonly resources: readonly string[];
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly label: string | undefined;
    readonly userAgent: string | undefined;
    readonly remoteAddress: string | undefined;
    readonly lastUserAgent: string | undefined;
    readonly lastRemoteAddress: string | undefined;
    readonly createdAt: number;
    readonly lastUsedAt: number;
    readonly expiresAt: number;
    readonly status: 'active' | 'pending' | 'revoked' | 'expired';
    readonly unreadable?: true;
}
interface GrantChanges {
    readonly now: number;
    readonly facts?: string;
    readonly format?: number;
    readonly seen?: string;
    readonly lifetimes?: {
        readonly idleLifetime: number | null;
        readonly absoluteExpiresAt: number | null;
    };
}
interface GrantEvent extends EventBase {
    readonly grantId: string;
    readonly clientId: string;
    readonly subject?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly generation: number;
    readonly remoteAddress?: string;
}
interface GrantLimits extends Lifetimes {
    readonly offline: Lifetimes | undefined;
}
interface GrantPage {
    readonly grants: readonly GrantRecord[];
    readonly cursor?: string;
    readonly unreadable?: readonly string[];
}
interface GrantRecord {
    readonly id: string;
    readonly clientId: string;
    readonly subjectHash: string;
    readonly sessionHash?: string;
    readonly boundKey?: string;
    readonly codeProof?: string;
    readonly generation: number;
    readonly nonce: string;
    readonly previousNonce?: string;
    readonly keyHash?: string;
    readonly previousKeyHash?: string;
    readonly accessNonce: string;
    readonly createdAt: number;
    readonly turnedAt: number;
    readonly idleLifetime: number | null;
    readonly absoluteExpiresAt: number | null;
    readonly offline?: boolean;
    readonly expiresAt: number;
    readonly revision: number;
    readonly revoked?: Revocation;
    readonly format: number;
    readonly facts: string;
    readonly seen?: string;
}
interface GrantStore {
    create(record: GrantRecord): Promise<boolean>;
    find(id: string): Promise<GrantRecord | undefined>;
    turn(id: string, expected: TurnExpectation, next: TurnChange): Promise<TurnResult>;
    amend(id: string, expectedRevision: number, changes: GrantChanges): Promise<{
        readonly amended: boolean;
        readonly grant: GrantRecord | undefined;
    }>;
    renewAccessNonce(id: string, accessNonce: string): Promise<boolean>;
    revoke(id: string, reason: RevocationReason, at: number, options: RevokeOptions): Promise<RevokeResult>;
    listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage>;
    revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage>;
    scan(page: Page, filter?: ScanFilter): Promise<GrantPage>;
    purgeExpired(now: number, limit: number): Promise<number>;
}
interface GrantUpdate {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly scope?: string | readonly string[];
    readonly lifetimes?: {
        readonly idle?: number | null;
        readonly absolute?: number | null;
    };
}
interface GrantsPage {
    readonly grants: readonly Grant[];
    readonly inSession: readonly string[];
    readonly cursor?: string;
}
interface GrantsPageOptions {
    readonly subject: string;
    readonly clientId?: string;
    readonly session?: string;
    readonly limit?: number;
    readonly cursor?: string;
}
interface ImportSettings {
    readonly clients: ReadonlySet<string>;
    readonly until: number;
    readonly find: ImportTokenOptions['find'];
}
interface ImportTokenOptions {
    readonly clients: readonly string[];
    readonly until: Date | number;
    readonly find: (token: string, clientId: string) => Promise<ForeignSession | null | undefined> | ForeignSession | null | undefined;
}
interface Instrumentation {
    request?(started: StartedRequest, run: () => Promise<RequestOutcome>): unknown;
    storage?(started: StartedStorageCall, run: () => Promise<StorageOutcome>): unknown;
}
interface Introspection {
    readonly active: boolean;
    readonly [member: string]: unknown;
}
interface IssueOptions extends SignIn {
    readonly clientId: string;
    readonly scope?: string | readonly string[];
}
interface IssuedAccessToken {
    readonly accessToken: string;
    readonly expiresIn: number;
}
interface Jwk {
    readonly kty?: string;
    readonly kid?: string;
    readonly alg?: string;
    readonly use?: string;
    readonly crv?: string;
    readonly x?: string;
    readonly y?: string;
    readonly d?: string;
    readonly n?: string;
    readonly e?: string;
    readonly [member: string]: unknown;
}
interface JwtDetails {
    readonly subject: string;
    readonly authTime?: number | undefined;
    readonly acr?: string | undefined;
    readonly amr?: readonly string[] | undefined;
    readonly claims: Readonly<Record<string, unknown>>;
}
interface Keys {
    readonly id: number;
    readonly tag: Readonly<Record<TokenKind, Hmac>>;
    readonly sealing: Hmac;
    readonly subject: Hmac;
    readonly session: Hmac;
    readonly signingSeed: Buffer;
}
interface LifetimeCaps {
    readonly maxIdleLifetime: number | null;
    readonly maxAbsoluteLifetime: number | null;
}
interface Lifetimes {
    readonly idleLifetimeMs: number | null;
    readonly absoluteLifetimeMs: number | null;
}
interface ListFilter {
    readonly now: number;
    readonly pending?: boolean;
    readonly clientId?: string;
}
interface NewClient extends ClientMembers {
    readonly client_id?: string | undefined;
    readonly [member: string]: unknown;
}
interface OAuthErrorOptions {
    readonly status?: number;
    readonly retryAfter?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly reason?: 'maintenance' | undefined;
    readonly cause?: unknown;
}
interface ObserveReuseOptions {
    readonly until: Date | number;
    readonly clients?: readonly string[] | undefined;
}
interface OriginMembers {
    readonly requestId: string;
    readonly remoteAddress?: string;
}
interface OriginSource {
    readonly requestId?: string | undefined;
    readonly remoteAddress?: string | undefined;
    readonly userAgent?: string | undefined;
    readonly headers?: EndpointRequest['headers'];
}
interface Page {
    readonly cursor?: string;
    readonly limit: number;
}
interface PendingAuthorization {
    readonly client: Client;
    readonly redirectUri: string;
    readonly redirectUriSent: boolean;
    readonly state: string | undefined;
    readonly scope: readonly string[];
    readonly codeChallenge: string | undefined;
    readonly prompt: readonly string[];
    readonly maxAge: number | undefined;
    readonly loginHint: string | undefined;
    readonly error: OAuthError | undefined;
    readonly query: string;
    readonly reauthenticateSince: number | undefined;
    readonly switchesAccount: boolean;
    readonly receivedAt: number;
}
interface PresentedBinding {
    readonly codeVerifier?: string;
    readonly redirectUri?: string;
}
interface RatchetToken {
    readonly grantId: string;
    readonly generation: number;
    readonly nonce: string;
}
interface RefreshOptions {
    readonly refreshToken: string;
    readonly clientId: string;
    readonly scope?: string | readonly string[];
    readonly idempotencyKey?: string | undefined;
    readonly remoteAddress?: string | undefined;
    readonly userAgent?: string | undefined;
    readonly requestId?: string | undefined;
}
interface RefreshTokenCookie {
    readonly read: (request: Pick<EndpointRequest, 'headers'>) => string | undefined;
    readonly set: (refreshToken: string, lifetimeSeconds: number | undefined) => string;
    readonly clear: () => string;
}
interface RefreshTokenOptions {
    readonly idleLifetime?: number | null | undefined;
    readonly absoluteLifetime?: number | null | undefined;
    readonly offline?: {
        readonly idleLifetime?: number | null | undefined;
        readonly absoluteLifetime?: number | null | undefined;
    } | undefined;
    readonly reuseGrace?: number | undefined;
    readonly observeReuse?: ObserveReuseOptions | undefined;
    readonly importToken?: ImportTokenOptions | undefined;
    readonly acceptAhead?: number | undefined;
    readonly maxPerSubjectAndClient?: number | null | undefined;
    readonly maxPerSubject?: number | null | undefined;
    readonly atLimit?: 'end-oldest' | 'end-least-recently-used' | 'refuse' | undefined;
    readonly require?: 'offline_access' | undefined;
}
interface RegisteredClient extends ClientMembers {
    readonly client_id: string;
    readonly client_id_issued_at: number;
    readonly [member: string]: unknown;
}
interface RequestOutcome {
    readonly status: number;
    readonly error?: OAuthErrorCode;
    readonly clientId?: string;
    readonly grantType?: string;
    readonly requestId: string;
}
interface Reseal {
    readonly revision: number;
    readonly format: number;
    readonly facts: string;
    readonly subjectHash: string;
    readonly sessionHash?: string;
}
interface ReuseCircumstances {
    readonly observeReuseUntil?: number;
    readonly origin: Origin;
}
interface ReuseEvidence {
    readonly distance: number;
    readonly ageMs: number;
    readonly neverIssued: boolean;
    readonly addressChanged?: boolean;
    readonly agentChanged?: boolean;
}
interface Revocation {
    readonly at: number;
    readonly reason: RevocationReason;
    readonly by: string;
}
interface RevokeAllOptions {
    readonly subject?: string;
    readonly clientId?: string;
    readonly session?: string;
    readonly except?: string;
    readonly exceptSession?: string;
    readonly scope?: string | readonly string[];
    readonly createdBefore?: Date | number;
    readonly by?: string | undefined;
}
interface RevokeCircumstances extends RevocationCondition {
    readonly origin?: Origin | undefined;
    readonly by?: string | undefined;
}
interface RevokeFilter {
    readonly clientId?: string;
    readonly sessionHash?: string;
    readonly except?: string;
    readonly exceptSessions?: readonly string[];
    readonly createdBefore?: number;
    readonly at: number;
    readonly reason: RevocationReason;
    readonly keepUntil: number;
    readonly by: string;
}
interface RevokeOptions {
    readonly subjectHashes?: readonly string[];
    readonly expected?: Partial<Pick<GrantRecord, 'nonce' | 'revision'>>;
    readonly keepUntil: number;
    readonly by: string;
}
interface RevokeResult {
    readonly ended: boolean;
    readonly before: GrantRecord | undefined;
}
interface RevokeSomeOptions extends Pick<RevokeAllOptions, 'subject' | 'clientId' | 'except' | 'by'> {
    readonly cursor?: string;
    readonly seconds?: number;
}
interface RevokedSome {
    readonly ended: number;
    readonly cursor?: string;
}
interface ScanFilter {
    readonly clientId?: string;
}
interface SeenFrom {
    readonly userAgent?: string;
    readonly remoteAddress?: string;
}
interface ServerEvents {
    'grant.issued': GrantEvent & {
        readonly imported?: true;
    };
    'grant.turned': GrantEvent;
    'grant.repeated': GrantEvent & {
        readonly ageMs: number;
    };
    'grant.reuse_detected': GrantEvent & ReuseEvidence & {
        readonly reason: 'reuse' | 'code_replay';
        readonly presentedGeneration: number;
        readonly currentGeneration: number;
        readonly turnedAt: number;
        readonly cause: ReuseCause;
        readonly observed?: true;
    };
    'grant.revoked': GrantEvent & {
        readonly reason: RevocationReason;
        readonly by?: string;
    };
    'client.changed': EventBase & {
        readonly clientId: string;
        readonly change: 'created' | 'updated' | 'disabled' | 'enabled' | 'removed' | 'secret_rotated';
        readonly by?: string;
    };
    'client.authentication_failed': EventBase & {
        readonly clientId?: string;
        readonly reason: string;
        readonly remoteAddress?: string;
        readonly throttled: boolean;
    };
    'user.authentication_failed': EventBase & {
        readonly clientId: string;
        readonly remoteAddress?: string;
        readonly throttled: boolean;
    };
    'token.import_refused': EventBase & {
        readonly clientId: string;
        readonly reason: 'unknown' | 'expired' | 'ended' | 'another_spelling' | 'not_before' | 'signed_out' | 'throttled';
        readonly remoteAddress?: string;
    };
    'token.unknown_key': EventBase & {
        readonly kind: string;
        readonly keyId: string;
    };
    'request.failed': EventBase & {
        readonly phase: 'storage' | 'callback' | 'internal';
        readonly error: unknown;
    };
}
interface ServerParts {
    readonly settings: Settings;
    readonly callbacks: Pick<AuthorizationServerOptions, 'authenticateUser' | 'isSubjectActive'>;
    readonly ring: KeyRing;
    readonly events: Events;
    readonly instruments: Instruments;
    readonly storage: Storage;
    readonly clients: ClientDirectory;
    readonly cookieClients: Set<string>;
    readonly authentication: ClientAuthentication;
    readonly ratchet: Ratchet;
    readonly revoker: Revoker;
    readonly accessTokens: AccessTokens;
    readonly issuer: GrantIssuer;
    readonly foreignTokens: ForeignTokens | undefined;
    readonly maintenance: Maintenance;
    readonly passwordThrottle: Throttle | undefined;
}
interface SessionOptions {
    readonly keep?: readonly SessionDetail[] | undefined;
}
interface Settings {
    readonly issuer: string;
    readonly basePath: string;
    readonly endpointUrl: (name: string) => string;
    readonly realm: string;
    readonly scopes: ReadonlyMap<string, string | undefined>;
    readonly unknownScopes: 'refuse' | 'ignore';
    readonly accessTokenFormat: 'opaque' | 'jwt';
    readonly accessTokenLifetimeMs: number;
    readonly publishDerivedKeysUntil: number;
    readonly audience: readonly string[];
    readonly idleLifetimeMs: number | null;
    readonly absoluteLifetimeMs: number | null;
    readonly offline: {
        readonly idleLifetimeMs: number | null;
        readonly absoluteLifetimeMs: number | null;
    } | undefined;
    readonly reuseGraceMs: number;
    readonly cookieReuseGraceMs: number;
    readonly observeReuse: (clientId: string) => number;
    readonly importToken: ImportSettings | undefined;
    readonly acceptAhead: number;
    readonly maxPerSubjectAndClient: number | null;
    readonly maxPerSubject: number | null;
    readonly atLimit: 'end-oldest' | 'end-least-recently-used' | 'refuse';
    readonly requireOfflineAccess: boolean;
    readonly codeLifetimeMs: number;
    readonly requirePkce: 'always' | 'public';
    readonly keep: ReadonlySet<SessionDetail>;
    readonly notBefore: number;
    readonly storageTimeoutMs: number;
    readonly callbackTimeoutMs: number;
    readonly sweepIntervalMs: number;
    readonly throttle: {
        readonly attempts: number;
        readonly windowMs: number;
    } | undefined;
    readonly localhostAnyPort: boolean;
    readonly insecureRedirectUris: boolean;
    readonly offersPassword: boolean;
    readonly now: () => number;
}
interface SignIn {
    readonly subject: string;
    readonly name?: string | undefined;
    readonly claims?: Readonly<Record<string, unknown>> | undefined;
    readonly authTime?: Date | string | number | undefined;
    readonly acr?: string | undefined;
    readonly amr?: readonly string[] | undefined;
    readonly session?: string | undefined;
    readonly lifetimes?: {
        readonly idle?: number | undefined;
        readonly absolute?: number | undefined;
    } | undefined;
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
    readonly label?: string | undefined;
    readonly userAgent?: string | undefined;
    readonly remoteAddress?: string | undefined;
}
interface SigningKey {
    readonly kid: string;
    readonly alg: 'ES256' | 'RS256' | 'EdDSA';
    readonly publicJwk: Jwk;
    readonly publicKey: KeyObject;
    readonly header: string;
    sign(data: string): Buffer;
}
interface StartedRequest {
    readonly endpoint: 'token' | 'revoke' | 'introspect' | 'verify';
}
interface StartedStorageCall {
    readonly operation: string;
}
interface Storage {
    readonly grants: GrantStore;
    readonly values: ValueStore;
    readonly clients: ClientStore;
    init(): Promise<void>;
    ping(): Promise<void>;
    close(): Promise<void>;
}
interface StorageOutcome {
    readonly ok: boolean;
}
interface SubjectPosition {
    readonly createdAt: number;
    readonly id: string;
}
interface ThrottleOptions {
    readonly attempts: number;
    readonly windowMs: number;
    readonly now: () => number;
}
interface TokenResponse {
    access_token: string;
    token_type: 'Bearer';
    expires_in: number;
    scope?: string;
    refresh_token?: string;
    refresh_token_expires_in?: number;
    refresh_token_timeout?: number;
    authorization_expires_in?: number;
}
interface TurnChange {
    readonly nonce: string;
    readonly keyHash?: string;
    readonly maxIdleLifetime: number | null;
    readonly maxAbsoluteLifetime: number | null;
    readonly offline?: LifetimeCaps;
    readonly seen?: string;
    readonly reseal?: Reseal;
}
interface TurnExpectation {
    readonly now: number;
    readonly generation: number;
    readonly nonce: string;
    readonly clientId: string;
    readonly boundKey?: string;
    readonly maxFormat: number;
}
interface TurnResult {
    readonly turned: boolean;
    readonly grant: GrantRecord | undefined;
}
interface Unsealed {
    readonly grantId: string;
    readonly json: string;
    readonly facts: Facts;
}
interface ValuePage {
    readonly values: readonly ValueRecord[];
    readonly cursor?: string;
}
interface ValueStore {
    mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean>;
    isMarked(key: string, now: number): Promise<boolean>;
    stash(key: string, value: string, expiresAt: number): Promise<void>;
    peek(key: string, now: number): Promise<string | undefined>;
    take(key: string, now: number): Promise<string | undefined>;
    scan(page: Page): Promise<ValuePage>;
}
interface VerifyOptions {
    readonly audience?: string | readonly string[] | undefined;
    readonly checkGrant?: boolean | undefined;
}
type Aliases = Readonly<Record<string, string>>;
type AuthorizationEndpoint = ReturnType<typeof authorizationEndpoint>;
type Claims = Readonly<Record<string, unknown>>;
type ClientChangeProblem =
'taken'
 | 'configured'
 | 'public';
type ClientLookup = (clientId: string) => Promise<ClientMetadata | null | undefined> | ClientMetadata | null | undefined;
type CorsPolicy = 'own' | '*';
type GrantFields = Omit<GrantRecord, OptionalField> & {
    readonly [Field in OptionalField]?: GrantRecord[Field] | undefined;
};
type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials'
 | 'password' | (string & Record<never, never>);
type Listing = 'grants' | 'subject' | 'clients' | 'values';
type OAuthErrorCode = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'unauthorized_client' | 'unsupported_grant_type' | 'unsupported_response_type' | 'invalid_scope' | 'access_denied' | 'login_required' | 'consent_required' | 'interaction_required' | 'invalid_token' | 'insufficient_scope'
 | 'invalid_client_metadata' | 'invalid_redirect_uri' | 'server_error' | 'temporarily_unavailable';
type OptionalField = 'sessionHash' | 'boundKey' | 'codeProof' | 'previousNonce' | 'keyHash' | 'previousKeyHash' | 'offline' | 'revoked' | 'seen';
type Parameters = ReadonlyMap<string, string>;
type RatchetTokenKind = 'authorization_code' | 'refresh_token';
type RefreshTokenCookies = (clientId: string) => RefreshTokenCookie | undefined;
type ReuseCause = 'lost_answer' | 'second_tab' | 'copied_store' | 'theft' | 'unknown';
type RevocationCondition = Pick<RevokeOptions, 'subjectHashes' | 'expected'>;
type RevocationReason = 'reuse' | 'code_replay' | 'revoked' | 'token_revoked' | 'subject_inactive' | 'not_before' | 'limit';
type ServedClients = 'any' | 'confidential';
type ServerEventListener<Name extends ServerEventName> = (event: ServerEvents[Name]) => unknown;
type ServerEventName = keyof ServerEvents;
type SessionDetail = 'label' | 'userAgent' | 'remoteAddress';
type TokenKind = 'authorization_code' | 'refresh_token' | 'access_token' | 'consent' | 'reauthentication';
type TurnOutcome = {
    readonly verdict: 'turned' | 'repeated';
    readonly grant: GrantRecord;
} | {
    readonly verdict: Exclude<Verdict, 'turned' | 'repeated' | 'ahead'>;
};
type ValueRecord = {
    readonly kind: 'mark';
    readonly key: string;
    readonly owner: string;
    readonly expiresAt: number;
} | {
    readonly kind: 'value';
    readonly key: string;
    readonly value: string;
    readonly expiresAt: number;
};
type Verdict =
'turned'
 | 'repeated'
 | 'reused' | 'revoked' | 'expired' | 'unknown'
 | 'mismatch'
 | 'ahead';
