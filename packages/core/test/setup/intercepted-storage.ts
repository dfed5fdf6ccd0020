import type { Storage } from '@oauth-ratchet/core'

/** One call of a storage method, named like `grants.turn`. */
export interface StorageCall {
  readonly name: string
  readonly parameters: readonly unknown[]
}

/** Stands between the core and a storage; `proceed` makes the real call, as often as it is called. */
export type Interceptor = (call: StorageCall, proceed: () => Promise<unknown>) => Promise<unknown>

/** The storage with every call of its stores going through the interceptor. `init`, `ping` and `close` do not. */
export function interceptedStorage(storage: Storage, intercept: Interceptor): Storage {
  return {
    grants: intercepted(storage.grants, 'grants', intercept),
    values: intercepted(storage.values, 'values', intercept),
    clients: intercepted(storage.clients, 'clients', intercept),
    init: () => storage.init(),
    ping: () => storage.ping(),
    close: () => storage.close(),
  }
}

function intercepted<T extends object>(store: T, prefix: string, intercept: Interceptor): T {
  return new Proxy(store, {
    get(target, member) {
      const method: unknown = Reflect.get(target, member)
      if (typeof method !== 'function') return method
      return (...parameters: unknown[]) =>
        intercept({ name: `${prefix}.${String(member)}`, parameters }, () =>
          Promise.resolve(Reflect.apply(method, target, parameters) as unknown),
        )
    },
  })
}
