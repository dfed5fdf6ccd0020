import { reasonOf } from '../faults/describe-fault.js'
import { StorageCalls } from '../faults/storage-calls.js'
import { isStorageError, StorageError } from '../faults/storage-error.js'
import { Instruments } from '../instrumentation.js'
import { assertNotInCopy } from './copy-marker.js'
import type { ClientStore, GrantStore, Storage, ValueStore } from './storage.js'

const grantMethods = [
  'create',
  'find',
  'turn',
  'amend',
  'renewAccessNonce',
  'revoke',
  'listBySubject',
  'revokeBySubject',
  'scan',
  'purgeExpired',
] as const satisfies readonly (keyof GrantStore)[]
const valueMethods = [
  'mark',
  'isMarked',
  'stash',
  'peek',
  'take',
  'scan',
] as const satisfies readonly (keyof ValueStore)[]
const clientMethods = ['find', 'save', 'remove', 'list'] as const satisfies readonly (keyof ClientStore)[]

/**
 * A storage as the core calls it: initialised before its first use, every call bounded in time, everything that
 * goes wrong a `StorageError`.
 */
export class GuardedStorage implements Storage {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore
  readonly #storage: Storage
  readonly #calls: StorageCalls
  readonly #instruments: Instruments
  readonly #onInitialised: () => void
  #initialised = false
  #initialising: Promise<void> | undefined
  #lastFailure: unknown

  /**
   * @param onInitialised called once, when the storage has become usable
   * @param instruments hooks around each call
   */
  constructor(
    storage: Storage,
    timeoutMs: number,
    onInitialised: () => void,
    instruments = new Instruments(() => {}),
  ) {
    this.#instruments = instruments
    this.#onInitialised = onInitialised
    this.#storage = storage
    this.#calls = new StorageCalls(timeoutMs)
    this.grants = this.#guard('grants', storage.grants, grantMethods)
    this.values = this.#guard('values', storage.values, valueMethods)
    this.clients = this.#guard('clients', storage.clients, clientMethods)
  }

  /**
   * Once for all callers; after a failure the next caller tries again. Then one read: whether a copy has filled it only in
   * part. Not bounded in time: a migration may take long.
   *
   * @throws StorageError with the reason in its message, and the storage's own error as its cause
   */
  init(): Promise<void> {
    this.#initialising ??= this.#begin().then(
      () => {
        this.#initialised = true
        this.#onInitialised()
      },
      (error: unknown) => {
        this.#initialising = undefined
        this.#lastFailure = error
        throw notUp(error)
      },
    )
    return this.#initialising
  }

  // Async, so that a storage that throws rather than rejects is one that can be tried again.
  async #begin(): Promise<void> {
    await this.#storage.init()
    await this.#calls.run(() => assertNotInCopy(this.#storage))
  }

  async ping(): Promise<void> {
    await this.#call(() => this.#storage.ping())
  }

  close(): Promise<void> {
    return this.#storage.close()
  }

  #call<T>(call: () => Promise<T>): Promise<T> {
    if (this.#initialised) return this.#calls.run(call)
    return this.#initInTime().then(() => this.#calls.run(call))
  }

  // Nothing was sent while there is no storage yet: nobody has to look what became of it.
  async #initInTime(): Promise<void> {
    const attempt = this.init()
    try {
      await this.#calls.run(() => attempt)
    } catch (error) {
      // Still under way: what went wrong before says more than that it takes long.
      if (this.#initialising === attempt) throw notUp(this.#lastFailure ?? error)
      throw error
    }
  }

  #guard<T extends object>(prefix: string, store: T, methods: readonly (keyof T & string)[]): T {
    const instruments = this.#instruments
    const guarded: Partial<Record<keyof T, unknown>> = {}
    for (const name of methods) {
      const method = (store[name] as Method).bind(store)
      // Written out: rest parameters make a list of each call. None has more than four.
      const operation = `${prefix}.${name}`
      guarded[name] = (a: unknown, b: unknown, c: unknown, d: unknown) =>
        instruments.active
          ? instruments.storage({ operation }, () => this.#call(() => method(a, b, c, d)))
          : this.#call(() => method(a, b, c, d))
    }
    return guarded as T
  }
}

type Method = (a: unknown, b: unknown, c: unknown, d: unknown) => Promise<unknown>

function notUp(cause: unknown): StorageError {
  const message = `The storage could not be brought up: ${reasonOf(cause)}.`
  const code = isStorageError(cause) ? cause.code : undefined
  return new StorageError(message, { outcome: 'not_applied', cause, code })
}
