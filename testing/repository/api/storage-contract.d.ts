// @oauth-ratchet/storage-contract
export { ContractCase }
export { StorageHarness }
export { Worker }
export { WorkerProgram }
export { contractCases }
export { describeStorage }
export { expectationOf }
export { sampleChange }
export { sampleGrant }
export { serveStorage }
export { startWorker }
export { startWorkers }

declare const contractCases: readonly ContractCase[];
declare function describeStorage(name: string, harness: StorageHarness): void;
declare function expectationOf(record: GrantRecord, now: number, fields?: Partial<TurnExpectation>): TurnExpectation;
declare function sampleChange(fields?: Partial<TurnChange>): TurnChange;
declare function sampleGrant(now: number, fields?: Partial<GrantRecord>): GrantRecord;
declare function serveStorage(storage: Storage): Promise<void>;
declare function startWorker(program: WorkerProgram): Promise<Worker>;
declare function startWorkers(program: WorkerProgram, count: number): Promise<Worker[]>;
interface ContractCase {
    readonly group: string;
    readonly name: string;
    readonly needs?: 'rawDump' | 'worker' | 'damage';
    readonly timeoutMs: number;
    run(harness: StorageHarness): Promise<void>;
}
interface StorageHarness {
    create(): Promise<Storage>;
    connect(): Promise<Storage>;
    dispose(): Promise<void>;
    rawDump?(): Promise<string | Buffer>;
    damage?(id: string): Promise<void>;
    worker?(): WorkerProgram;
    readonly now?: number;
    readonly manyGrants?: number;
    readonly manyRounds?: number;
    readonly expiry?: 'purge' | 'engine';
}
interface Worker {
    readonly grants: GrantStore;
    readonly values: ValueStore;
    readonly clients: ClientStore;
    stop(): Promise<void>;
    kill(): Promise<void>;
}
interface WorkerProgram {
    readonly path: string;
    readonly args?: readonly string[];
    readonly execArgv?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
}
