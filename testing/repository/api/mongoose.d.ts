// @oauth-ratchet/mongoose
export { CollectionNames }
export { ModelNames }
export { MongooseStorage }
export { MongooseStorageOptions }

declare class MongooseStorage implements Storage {
    #private;
    readonly grants: GrantStore;
    readonly values: ValueStore;
    readonly clients: ClientStore;
    constructor(options: MongooseStorageOptions);
    init(): Promise<void>;
    ping(): Promise<void>;
    close(): Promise<void>;
}
interface CollectionNames {
    readonly grants: string;
    readonly values: string;
    readonly clients: string;
}
interface MongooseStorageOptions {
    readonly connection: Connection;
    readonly prefix?: string | undefined;
    readonly collections?: Partial<CollectionNames> | undefined;
    readonly models?: ModelNames | undefined;
    readonly writeConcern?: mongo.WriteConcernSettings | undefined;
    readonly timeoutMs?: number | undefined;
}
type ModelNames = Partial<CollectionNames>;
