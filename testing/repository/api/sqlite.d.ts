// @oauth-ratchet/sqlite
export { SqliteStorage }
export { SqliteStorageOptions }

declare class SqliteStorage implements Storage {
    #private;
    readonly grants: GrantStore;
    readonly values: ValueStore;
    readonly clients: ClientStore;
    constructor(options: SqliteStorageOptions);
    init(): Promise<void>;
    ping(): Promise<void>;
    close(): Promise<void>;
}
interface SqliteStorageOptions {
    readonly file?: string | undefined;
    readonly database?: Database | undefined;
    readonly synchronous?: 'FULL' | 'NORMAL' | undefined;
    readonly timeoutMs?: number | undefined;
}
