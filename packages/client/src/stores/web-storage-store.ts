import type { Store } from './store.js'

/**
 * An entry of `localStorage` or `sessionStorage`. Every script of the origin can read it.
 *
 * @param storage asked for at each call, since reading `window.localStorage` throws where the user has blocked it
 */
export function webStorageStore(storage: () => Storage, name: string, shared: boolean): Store {
  return {
    shared,
    get: () => storage().getItem(name),
    set: (value) => storage().setItem(name, value),
    remove: () => storage().removeItem(name),
  }
}
