/**
 * What the storage asks of a client: a `Redis` or a `Cluster` of ioredis 5 or 6. Said by its shape, so that neither
 * version's types are needed.
 */
export interface RedisClient {
  readonly status: string
  readonly isCluster: boolean
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Promise<unknown>
}

/** The commands that the storage sends. None of them is one that `scaleReads` leads to a replica. */
export interface Commands {
  evalshaBuffer(sha: string, numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Promise<unknown>
  evalBuffer(source: string, numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Promise<unknown>
  /** Without an option it reads and no more; but it is a write to whoever routes it, so that no replica answers. */
  getexBuffer(key: string): Promise<Buffer | null>
  getdelBuffer(key: string): Promise<Buffer | null>
  set(key: string, value: string, unixTimeMillisecondsToken: 'PXAT', milliseconds: string): Promise<unknown>
  ping(): Promise<unknown>
}

/** A pipeline has the same commands; each answers when it is executed. */
export interface Pipeline extends Commands {
  exec(): Promise<[error: Error | null, result: unknown][] | null>
}

/** The socket of one connection. */
export interface RedisSocket {
  readonly writable?: boolean
  cork(): void
  uncork(): void
}

/** One server: what a `Redis` is, and what the nodes of a `Cluster` are. */
export interface RedisNode {
  readonly options: { readonly host?: string; readonly port?: number }
  readonly stream?: RedisSocket | null
  info(): Promise<string>
  cluster(subcommand: 'INFO'): Promise<string>
  scan(
    cursor: string,
    patternToken: 'MATCH',
    pattern: string,
    countToken: 'COUNT',
    count: number,
  ): Promise<[cursor: string, keys: string[]]>
  on(event: 'close', listener: () => void): unknown
}

/** A client as it really is, behind {@link RedisClient}. What only one of the two kinds has is optional. */
export interface Driver extends RedisClient, Commands {
  readonly options: {
    readonly keyPrefix?: string
    readonly readOnly?: boolean
    readonly enableAutoPipelining?: boolean
    readonly scaleReads?: unknown
  }
  /** Of a `Redis`: whether it is in another mode than the normal one. */
  readonly mode?: string
  /** Of a `Redis`: its socket. */
  readonly stream?: RedisSocket | null
  /** Of a `Cluster`. */
  nodes?(role: 'all' | 'master'): RedisNode[]
  connect(): Promise<void>
  pipeline(): Pipeline
  on(event: 'error', listener: (error: { readonly message?: unknown }) => void): unknown
  on(event: string, listener: (node: RedisNode) => void): unknown
  removeListener(event: string, listener: (...parameters: never[]) => void): unknown
}

/**
 * The driver behind a client.
 *
 * @throws {TypeError} when it is none
 */
export function driverOf(client: RedisClient): Driver {
  const driver = client as Partial<Driver> | undefined
  if (typeof driver?.evalshaBuffer !== 'function' || typeof driver.getexBuffer !== 'function') {
    throw new TypeError('`client` must be a Redis or a Cluster of ioredis 5 or 6')
  }
  return client as Driver
}

/** The servers that hold data of their own: the primaries of a cluster, or the one there is. */
export function primariesOf(driver: Driver): readonly RedisNode[] {
  return driver.nodes?.('master') ?? [driver as unknown as RedisNode]
}
