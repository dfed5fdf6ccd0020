import { parseState } from '../session/session-state.js'
import type { Store } from '../stores/store.js'
import type { Lock } from './lock.js'

const queues = new Map<string, Promise<void>>()

/**
 * One holder at a time for each session in this process, where there are no tabs: among all clients whose stores have the same
 * session. People's sessions do not wait for each other.
 */
export function processLock(store: Store): Lock {
  return {
    async acquire(name, timeoutMs) {
      const session = `${name}#${parseState(await store.get())?.id}`
      const before = queues.get(session) ?? Promise.resolve()
      let release: (() => void) | undefined
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const free = before.then(() => held)
      queues.set(session, free)
      void free.then(() => queues.get(session) === free && queues.delete(session))
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<true>((resolve) => {
        timer = setTimeout(() => resolve(true), timeoutMs)
      })
      const timedOut = await Promise.race([before, late])
      clearTimeout(timer)
      if (timedOut !== true) return release
      release?.()
      return undefined
    },
  }
}
