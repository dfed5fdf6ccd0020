// @oauth-ratchet/redis
export { RedisClient }
export { RedisStorage }
export { RedisStorageOptions }

declare class RedisStorage implements Storage {
    #private;
    readonly grants: GrantStore;
    readonly values: ValueStore;
    readonly clients: ClientStore;
    constructor(options: RedisStorageOptions);
    init(): Promise<void>;
    ping(): Promise<void>;
    close(): Promise<void>;
}
interface RedisClient {
    readonly status: string;
    readonly isCluster: boolean;
    evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Promise<unknown>;
}
interface RedisStorageOptions {
    readonly client: RedisClient;
    readonly prefix?: string | undefined;
    readonly timeoutMs?: number | undefined;
}
