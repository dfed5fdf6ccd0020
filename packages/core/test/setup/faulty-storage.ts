import { MemoryStorage, StorageError } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { interceptedStorage } from './intercepted-storage.js'

/** What can happen to one storage call. */
export const faults = {
  'refused before it was sent': 'not applied',
  'lost before it took effect': 'not applied',
  'never answered, not applied': 'not applied',
  'applied, and its answer lost': 'applied',
  'applied, and never answered': 'applied',
  'asked twice by its driver': 'applied',
} as const satisfies Record<string, 'applied' | 'not applied'>

export type Fault = keyof typeof faults

export const allFaults = Object.keys(faults) as Fault[]

/** A storage whose calls can be made to fail, each as often as is said. */
export class FaultyStorage {
  readonly storage: Storage
  readonly calls: string[] = []
  readonly #armed = new Map<string, { fault: Fault; times: number }>()

  constructor(inner: Storage = new MemoryStorage()) {
    this.storage = interceptedStorage(inner, ({ name }, proceed) => {
      this.calls.push(name)
      const armed = this.#armed.get(name)
      if (armed === undefined || armed.times === 0) return proceed()
      armed.times -= 1
      return meet(armed.fault, proceed)
    })
  }

  /** The next calls of this name meet the fault. */
  fail(name: string, fault: Fault, times = 1): void {
    this.#armed.set(name, { fault, times })
  }

  /** Whether every fault that was armed has happened: a fault that no call met tests nothing. */
  get spent(): boolean {
    return [...this.#armed.values()].every(({ times }) => times === 0)
  }
}

/** What a driver throws: no class of ours, and with inner detail that no client may see. */
export const driverMessage = 'read ECONNRESET 10.1.2.3:6379 in the driver'

async function meet(fault: Fault, proceed: () => Promise<unknown>): Promise<unknown> {
  switch (fault) {
    case 'refused before it was sent':
      throw new StorageError('The connection is not ready.', { outcome: 'not_applied' })
    case 'lost before it took effect':
      throw new Error(driverMessage)
    case 'never answered, not applied':
      return forever()
    case 'applied, and its answer lost':
      await proceed()
      throw new Error(driverMessage)
    case 'applied, and never answered':
      await proceed()
      return forever()
    case 'asked twice by its driver':
      await proceed()
      return proceed()
  }
}

function forever(): Promise<never> {
  return new Promise(() => {})
}
