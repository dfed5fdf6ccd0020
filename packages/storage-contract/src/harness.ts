import type { Storage } from '@oauth-ratchet/core'

/** How the suite gets at the storage under test. One case at a time: create, any number of connect, dispose. */
export interface StorageHarness {
  /** A storage without any data, after its `init()`. */
  create(): Promise<Storage>
  /**
   * Another connection to the data of the latest `create()`, after its `init()`. A storage that lives in one
   * process and has no connections answers the same object again.
   */
  connect(): Promise<Storage>
  /** Closes what `create()` and `connect()` opened since the last time, and removes the data. */
  dispose(): Promise<void>
  /**
   * Everything that is stored, read behind the storage's back: each live row, key or document in full. With it the
   * suite looks for what should be gone, and that a record does not grow.
   */
  rawDump?(): Promise<string | Buffer>
  /**
   * Makes one record unreadable, behind the storage's back. Left out where the engine has no record that it can read and
   * the storage cannot.
   */
  damage?(id: string): Promise<void>
  /**
   * A program that opens the data of the latest `create()` and calls `serveStorage` with it. With it the races are
   * run across processes too.
   */
  worker?(): WorkerProgram
  /** Start of the suite's clock, in ms. Default: now. Not in the past, or an engine's own expiry removes records. */
  readonly now?: number
  /** How many grants one subject has in the case that lists many. Default: 10,000. */
  readonly manyGrants?: number
  /** How often a revocation races refreshes, between connections; between processes half as often. Default: 2,000. */
  readonly manyRounds?: number
  /**
   * Who removes expired records: `'purge'` (the default), the storage when `purgeExpired` is called; `'engine'`, the
   * engine by itself, and `purgeExpired` answers 0.
   */
  readonly expiry?: 'purge' | 'engine'
}

/** What `child_process.fork` needs to start the adapter's worker. */
export interface WorkerProgram {
  readonly path: string
  readonly args?: readonly string[]
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** One sentence about a storage that is true or not. */
export interface ContractCase {
  readonly group: string
  readonly name: string
  /** What the harness must have for the case to be run. */
  readonly needs?: 'rawDump' | 'worker' | 'damage'
  /** How long the case may take. */
  readonly timeoutMs: number
  /** Rejects, mostly with an `AssertionError`, when the sentence is not true. Disposes of the harness either way. */
  run(harness: StorageHarness): Promise<void>
}
