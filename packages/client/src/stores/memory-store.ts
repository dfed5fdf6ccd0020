import type { Store } from './store.js'

/** Keeps the session as long as the page or process lives. */
export function memoryStore(): Store {
  let kept: string | undefined
  return {
    shared: false,
    get: () => kept,
    set: (value) => {
      kept = value
    },
    remove: () => {
      kept = undefined
    },
  }
}
