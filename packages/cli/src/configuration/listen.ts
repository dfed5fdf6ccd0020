import type { AuthorizationServer, ServerEventName } from '@oauth-ratchet/core'

import { Failure } from '../command-line/failure.js'

/** How long what the listeners have begun may take, in ms, when the command itself is done. */
const longestMs = 10_000

/**
 * Has the listeners of the configuration hear what the command does.
 *
 * @param listeners the export `listeners`: an object of functions by the names of events
 * @returns waits for the promises that they have returned, since the process ends then
 * @throws Failure for what is no such object, and for an unknown event
 */
export function listen(server: AuthorizationServer, listeners: unknown): () => Promise<void> {
  if (listeners === undefined) return () => Promise.resolve()
  if (typeof listeners !== 'object' || listeners === null || Array.isArray(listeners)) {
    throw new Failure("--config: listeners must be an object like { 'client.changed': (event) => … }.")
  }
  const begun: unknown[] = []
  for (const [name, listener] of Object.entries(listeners) as [ServerEventName, unknown][]) {
    if (typeof listener !== 'function') {
      throw new Failure(`--config: listeners: that of ${JSON.stringify(name)} must be a function.`)
    }
    server.on(name, (event): unknown => {
      const work = (listener as (event: unknown) => unknown)(event)
      begun.push(work)
      return work
    })
  }
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => (timer = setTimeout(resolve, longestMs)))
    await Promise.race([Promise.allSettled(begun), late])
    clearTimeout(timer)
  }
}
