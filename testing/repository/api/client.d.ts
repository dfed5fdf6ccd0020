// @oauth-ratchet/client
export { Client }
export { ClientError }
export { ClientErrorCode }
export { ClientEventListener }
export { ClientEventName }
export { ClientEvents }
export { ClientOptions }
export { Lock }
export { ServerMetadata }
export { SignInOptions }
export { Store }
export { TokenResponse }
export { createClient }

// @oauth-ratchet/client/axios
export { AxiosInterceptors }
export { AxiosLike }
export { attachToAxios }

// @oauth-ratchet/client/node
export { FileSession }
export { fileSession }

declare class ClientError extends Error {
    readonly name = "ClientError";
    readonly code: ClientErrorCode;
    readonly retryAfter: number | undefined;
    readonly oauthError: string | undefined;
    constructor(code: ClientErrorCode, message: string, details?: ClientErrorDetails);
}
declare function attachToAxios(instance: AxiosLike, client: Client): () => void;
declare function createClient(options: ClientOptions): Client;
declare function fileSession(path: string): FileSession;
interface AxiosInterceptors {
    readonly use: (...handlers: never[]) => number;
    readonly eject: (id: number) => void;
}
interface AxiosLike {
    readonly interceptors: {
        readonly request: AxiosInterceptors;
        readonly response: AxiosInterceptors;
    };
    readonly request: (config: never) => Promise<unknown>;
    readonly getUri: (config: never) => string;
}
interface Client {
    readonly fetch: typeof fetch;
    getAccessToken(options?: {
        readonly rejected?: string | undefined;
    }): Promise<string | undefined>;
    sendsTokenTo(url: string): boolean;
    signIn(options?: SignInOptions): Promise<void>;
    handleCallback(url?: string): Promise<{
        readonly returnTo: string | undefined;
    } | undefined>;
    adopt(response: TokenResponse | (() => Promise<TokenResponse>)): Promise<void>;
    signOut(): Promise<void>;
    on<Name extends ClientEventName>(name: Name, listener: ClientEventListener<Name>): () => void;
    close(): void;
}
interface ClientErrorDetails {
    readonly cause?: unknown;
    readonly retryAfter?: number | undefined;
    readonly oauthError?: string | undefined;
}
interface ClientEvents {
    refreshed: {
        readonly scope: string | undefined;
    };
    adopted: {
        readonly from: 'sibling' | 'sign-in';
        readonly scope: string | undefined;
    };
    retrying: {
        readonly attempt: number;
        readonly delayMs: number;
        readonly cause: unknown;
    };
    'signed-out': {
        readonly reason: SignedOutReason;
    };
}
interface ClientOptions {
    readonly issuer: string;
    readonly clientId: string;
    readonly store?: 'memory' | 'sessionStorage' | 'localStorage' | 'cookie' | Store | undefined;
    readonly lock?: Lock | undefined;
    readonly resources?: readonly string[] | undefined;
    readonly redirectUri?: string | undefined;
    readonly scope?: string | undefined;
    readonly metadata?: ServerMetadata | undefined;
    readonly idempotencyKey?: boolean | undefined;
    readonly random?: (() => string) | undefined;
    readonly fetch?: typeof fetch | undefined;
    readonly timeout?: number | undefined;
    readonly now?: (() => number) | undefined;
}
interface FileSession {
    readonly store: Store;
    readonly lock: Lock;
}
interface Lock {
    acquire(name: string, timeoutMs: number): Promise<(() => void) | undefined>;
    announce?(name: string | undefined): void;
    announced?(prefix: string): Promise<readonly string[]>;
}
interface ServerMetadata {
    readonly issuer: string;
    readonly token_endpoint: string;
    readonly authorization_endpoint?: string;
    readonly revocation_endpoint?: string;
    readonly idempotency_key_supported?: boolean;
    readonly [member: string]: unknown;
}
interface SignInOptions {
    readonly returnTo?: string | undefined;
    readonly redirectUri?: string | undefined;
    readonly scope?: string | undefined;
    readonly parameters?: Readonly<Record<string, string>> | undefined;
    readonly open?: ((url: string) => void | Promise<void>) | undefined;
}
interface Store {
    get(): string | null | undefined | Promise<string | null | undefined>;
    set(value: string): void | Promise<void>;
    remove(): void | Promise<void>;
    readonly shared?: boolean;
}
interface TokenResponse {
    readonly access_token: string;
    readonly token_type: string;
    readonly expires_in?: number | undefined;
    readonly refresh_token?: string | undefined;
    readonly refresh_token_expires_in?: number | undefined;
    readonly scope?: string | undefined;
}
type ClientErrorCode = 'unavailable' | 'refused' | 'body_not_replayable' | 'sign_in_failed' | 'configuration';
type ClientEventListener<Name extends ClientEventName> = (event: ClientEvents[Name]) => void;
type ClientEventName = keyof ClientEvents;
type SignedOutReason = 'expired' | 'reuse' | 'revoked' | 'user';
