import { StorageError } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'

/** The parts of a storage whose methods a call can name. */
export type StoragePart = 'grants' | 'values' | 'clients'

export interface RemoteCall {
  readonly call: number
  readonly part: StoragePart
  readonly method: string
  readonly args: readonly unknown[]
}

/** Call 0 is the worker's own report that it has opened the data. */
export type RemoteAnswer =
  { readonly call: number; readonly value: unknown } | { readonly call: number; readonly error: RemoteError }

export interface RemoteError {
  readonly name: string
  readonly message: string
  readonly outcome?: StorageError['outcome']
}

/**
 * The other side of the suite's races across processes: initialises the storage and does what the parent process
 * asks, until the parent goes away. To be called by the adapter's worker program, as its last line.
 */
export async function serveStorage(storage: Storage): Promise<void> {
  process.on('message', (message: RemoteCall) => void answer(storage, message).then(send))
  process.once('disconnect', () => void storage.close().finally(() => process.exit()))
  try {
    await storage.init()
    send({ call: 0, value: undefined })
  } catch (error) {
    send({ call: 0, error: describe(error) })
  }
}

async function answer(storage: Storage, { call, part, method, args }: RemoteCall): Promise<RemoteAnswer> {
  const store = storage[part]
  try {
    return { call, value: await Reflect.apply(Reflect.get(store, method), store, args) }
  } catch (error) {
    return { call, error: describe(error) }
  }
}

function send(message: RemoteAnswer): void {
  process.send?.(message)
}

function describe(error: unknown): RemoteError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message } = error
  return error instanceof StorageError ? { name, message, outcome: error.outcome } : { name, message }
}
