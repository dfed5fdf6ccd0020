import { ConfigurationError } from './faults/errors.js'
import type { OAuthErrorCode } from './faults/errors.js'

/** A request as it begins. `verify` is `server.tokens.verify`, which `requireToken` calls. */
export interface StartedRequest {
  readonly endpoint: 'token' | 'revoke' | 'introspect' | 'verify'
}

/** The outcome of a request. Nothing in it can be presented, and nothing but `requestId` comes from outside unchecked. */
export interface RequestOutcome {
  readonly status: number
  readonly error?: OAuthErrorCode
  /** Only that of a client that exists and, if it is confidential, has authenticated. */
  readonly clientId?: string
  /** Of the token endpoint; `other` for one that is not known. */
  readonly grantType?: string
  /** The same as in the events of the request. */
  readonly requestId: string
}

/** A storage call as it begins: `grants.turn`, `clients.find`. */
export interface StartedStorageCall {
  readonly operation: string
}

export interface StorageOutcome {
  /** Whether the storage answered, in time. */
  readonly ok: boolean
}

/**
 * Hooks around requests and storage calls, for tracing and metrics. Each is called with what begins and with `run`, which runs
 * it and resolves with its outcome, never rejecting. Call `run` at once, and once: a context that is set around that call
 * holds for everything within it. What a hook returns or throws changes no answer.
 */
export interface Instrumentation {
  request?(started: StartedRequest, run: () => Promise<RequestOutcome>): unknown
  storage?(started: StartedStorageCall, run: () => Promise<StorageOutcome>): unknown
}

/** The instrumentations of a server. Where there are none, `active` is all that is asked of it. */
export class Instruments {
  readonly #all = new Set<Instrumentation>()
  readonly #onFault: (error: unknown) => void
  /** Read on every request and storage call. */
  active = false

  /** @param onFault called with what an instrumentation throws */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault
  }

  /**
   * @returns a function that removes it
   * @throws ConfigurationError `instrumentation.invalid`
   */
  add(instrumentation: Instrumentation): () => void {
    check(instrumentation)
    this.#all.add(instrumentation)
    this.active = true
    return () => {
      this.#all.delete(instrumentation)
      this.active = this.#all.size > 0
    }
  }

  request<T>(
    started: StartedRequest,
    work: () => Promise<T>,
    outcomeOf: (settled: PromiseSettledResult<T>) => RequestOutcome,
  ): Promise<T> {
    return this.#around(
      (hooks, run: () => Promise<RequestOutcome>) => hooks.request?.(started, run),
      work,
      outcomeOf,
    )
  }

  storage<T>(started: StartedStorageCall, work: () => Promise<T>): Promise<T> {
    return this.#around(
      (hooks, run: () => Promise<StorageOutcome>) => hooks.storage?.(started, run),
      work,
      ({ status }): StorageOutcome => ({ ok: status === 'fulfilled' }),
    )
  }

  /** The first that was added is the outermost. */
  #around<T, Outcome>(
    call: (hooks: Instrumentation, run: () => Promise<Outcome>) => unknown,
    work: () => Promise<T>,
    outcomeOf: (settled: PromiseSettledResult<T>) => Outcome,
  ): Promise<T> {
    let wrapped = work
    for (const hooks of [...this.#all].toReversed()) {
      const inner = wrapped
      wrapped = () => {
        let result: Promise<T> | undefined
        const begin = (): Promise<T> => (result ??= inner())
        const run = async (): Promise<Outcome> => {
          const [settled] = await Promise.allSettled([begin()])
          return outcomeOf(settled)
        }
        try {
          Promise.resolve(call(hooks, run)).catch(this.#onFault)
        } catch (error) {
          this.#onFault(error)
        }
        // Also where it did not run it: an instrumentation withholds no answer.
        return begin()
      }
    }
    return wrapped()
  }
}

function check(instrumentation: Partial<Record<keyof Instrumentation, unknown>> | null | undefined): void {
  const given = [instrumentation?.request, instrumentation?.storage].filter((hook) => hook !== undefined)
  if (given.length > 0 && given.every((hook) => typeof hook === 'function')) return
  throw new ConfigurationError(
    'instrumentation.invalid',
    'server.instrument wants { request, storage }: functions, one of them or both.',
  )
}
