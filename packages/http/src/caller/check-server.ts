import { misuse } from './caller.js'
import type { Caller } from './caller.js'

/**
 * Refuses what is no authorization server. By its shape and not by its class, since an app may have loaded both the
 * ESM and the CommonJS copy of the core.
 *
 * @param name of the function that was called
 */
export function checkServer(caller: Caller, name: string, server: unknown): void {
  const { endpoints, tokens } = (server ?? {}) as {
    endpoints?: { token?: unknown }
    tokens?: { verify?: unknown }
  }
  if (typeof endpoints?.token === 'function' && typeof tokens?.verify === 'function') return
  throw misuse(
    caller,
    'server',
    `${name} wants the server that createAuthorizationServer has made as its first argument.`,
  )
}
