import { ConfigurationError } from './faults/errors.js'
import { FaultLog } from './faults/fault-log.js'
import { unknownName } from './options/member-names.js'
import type { ReuseCause, ReuseEvidence } from './options/reuse-evidence.js'
import type { RevocationReason } from './storage/storage.js'

/** What every event has. `at` is milliseconds since the epoch. */
interface EventBase {
  readonly at: number
  /**
   * The same for all events of one request, or of one call of `server.grants`, `server.clients` or `server.tokens`: the
   * `requestId` of the `EndpointRequest`, else one that is made up. Absent for work in the background.
   */
  readonly requestId?: string
}

/** A grant that something happened to. Never a token, never a hash of one. */
interface GrantEvent extends EventBase {
  readonly grantId: string
  readonly clientId: string
  /** Undefined where the grant's sealed facts are gone or no secret opens them. */
  readonly subject?: string
  /** What the app gave at sign-in. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** That of the record at this event: with `grantId` it is one link of the chain. */
  readonly generation: number
  /** Of whoever sent the request; absent for a call of the app's that passed none. */
  readonly remoteAddress?: string
}

export interface ServerEvents {
  /**
   * A grant came to life: a code was redeemed, a password accepted, `grants.issue` called, or a foreign refresh token used
   * for the first time.
   */
  'grant.issued': GrantEvent & {
    /** From a foreign refresh token (`refreshToken.importToken`); `grant.turned` comes with it. */
    readonly imported?: true
  }
  /** A refresh. */
  'grant.turned': GrantEvent
  /** The token before was presented again within the grace or with its idempotency key. */
  'grant.repeated': GrantEvent & {
    /** Milliseconds since the turn that is answered once more. */
    readonly ageMs: number
  }
  /** A spent token or code came back: someone else holds it. The grant has been ended by this, unless it was `observed`. */
  'grant.reuse_detected': GrantEvent &
    ReuseEvidence & {
      readonly reason: 'reuse' | 'code_replay'
      /** Which generation was presented, which one was current, and when that one was made. */
      readonly presentedGeneration: number
      readonly currentGeneration: number
      readonly turnedAt: number
      /** What probably brought it back; a guess, by which nothing is decided. */
      readonly cause: ReuseCause
      /** Reuse is only observed (`observeReuse`, `reuse_observe_until`): the token was refused, and the grant goes on. */
      readonly observed?: true
    }
  /** A grant was ended, for whatever reason. */
  'grant.revoked': GrantEvent & {
    readonly reason: RevocationReason
    /**
     * Who asked for it: what the app passed as `by`, or `client:<id>` at the revocation endpoint. Absent where the server
     * itself ended it.
     */
    readonly by?: string
  }
  /** A client of `server.clients` was made, changed or taken away. */
  'client.changed': EventBase & {
    readonly clientId: string
    readonly change: 'created' | 'updated' | 'disabled' | 'enabled' | 'removed' | 'secret_rotated'
    /** What the app passed as `by`. */
    readonly by?: string
  }
  /** A client showed a wrong secret or none, or credentials that cannot be read, or there is no such client. */
  'client.authentication_failed': EventBase & {
    /**
     * That of a client that exists; of another one only where it is a word of letters that can be no secret or token in
     * the wrong place. Left out otherwise.
     */
    readonly clientId?: string
    readonly reason: string
    readonly remoteAddress?: string
    /** Whether the answer was a 429. */
    readonly throttled: boolean
  }
  /** A wrong user name or password at the token endpoint. Which user is not said. */
  'user.authentication_failed': EventBase & {
    readonly clientId: string
    readonly remoteAddress?: string
    /** Whether the answer was a 429. */
    readonly throttled: boolean
  }
  /** A refresh token that is not ours was not imported (`refreshToken.importToken`). */
  'token.import_refused': EventBase & {
    readonly clientId: string
    /**
     * `unknown`: the app has no such token. `expired`: it is over where it comes from. `ended`: its grant is, or it was revoked
     * before it was imported. `another_spelling`: another text with its id was imported. `not_before`, `signed_out`: a
     * session from before, or of unknown age. `throttled`: too many were unknown or expired, and the answer was a 429.
     */
    readonly reason:
      'unknown' | 'expired' | 'ended' | 'another_spelling' | 'not_before' | 'signed_out' | 'throttled'
    readonly remoteAddress?: string
  }
  /** A token under a key id that no secret has: another environment's, or of a secret dropped too early. */
  'token.unknown_key': EventBase & { readonly kind: string; readonly keyId: string }
  /**
   * A request that failed for a reason of the server's or of the app's. Without a listener it goes to stderr with cause
   * and stack, each distinct fault at most once a minute.
   */
  'request.failed': EventBase & {
    readonly phase: 'storage' | 'callback' | 'internal'
    readonly error: unknown
  }
}

export type ServerEventName = keyof ServerEvents
// An object, so that the compiler reports an event that is missing here.
const names: Record<ServerEventName, true> = {
  'grant.issued': true,
  'grant.turned': true,
  'grant.repeated': true,
  'grant.reuse_detected': true,
  'grant.revoked': true,
  'client.changed': true,
  'client.authentication_failed': true,
  'user.authentication_failed': true,
  'token.import_refused': true,
  'token.unknown_key': true,
  'request.failed': true,
}

export type ServerEventListener<Name extends ServerEventName> = (event: ServerEvents[Name]) => unknown

/**
 * Typed events. A listener is called in the process whose write did it, once; it may return a promise; that it
 * throws or rejects changes no answer.
 */
export class Events {
  readonly #listeners = new Map<string, Set<(event: never) => unknown>>()
  readonly #now: () => number
  readonly #log = new FaultLog()

  constructor(now: () => number) {
    this.#now = now
  }

  /** @throws ConfigurationError `events.unknown`, `events.listener` */
  on<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): void {
    check(name, listener)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
  }

  /** @throws ConfigurationError `events.unknown`, `events.listener` */
  off<Name extends ServerEventName>(name: Name, listener: ServerEventListener<Name>): void {
    check(name, listener)
    this.#listeners.get(name)?.delete(listener)
  }

  /** Whether anybody listens: lets a caller leave out work that only an event needs. */
  has(name: ServerEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends ServerEventName>(name: Name, event: Omit<ServerEvents[Name], 'at'>): void {
    const listeners = this.#listeners.get(name)
    if (listeners === undefined || listeners.size === 0) {
      if (name === 'request.failed') this.#complain(event as Omit<ServerEvents['request.failed'], 'at'>)
      return
    }
    const complete = { ...event, at: this.#now() } as never
    for (const listener of listeners) {
      try {
        const result = listener(complete)
        if (isThenable(result)) result.then(undefined, (error: unknown) => this.#listenerFailed(name, error))
      } catch (error) {
        this.#listenerFailed(name, error)
      }
    }
  }

  /** What an instrumentation of the app threw. */
  reportInstrumentation(error: unknown): void {
    this.#log.write('an instrumentation threw', error)
  }

  #listenerFailed(name: ServerEventName, error: unknown): void {
    this.#log.write(`a listener of ${name} threw`, error)
  }

  #complain({ phase, error }: Omit<ServerEvents['request.failed'], 'at'>): void {
    this.#log.write(
      `a request failed (${phase})`,
      error,
      "  (each fault at most once a minute; listen to 'request.failed' to have all of them, and none here)\n",
    )
  }
}

function check(name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !Object.hasOwn(names, name)) {
    throw new ConfigurationError(
      'events.unknown',
      unknownName('server.on', 'event', String(name), Object.keys(names)),
    )
  }
  if (typeof listener !== 'function') {
    throw new ConfigurationError('events.listener', `The listener of ${name} must be a function.`)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
