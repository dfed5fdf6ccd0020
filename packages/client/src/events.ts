import type { SignedOutReason } from './session/siblings.js'

/** What a client raises, by name. Never a token. */
export interface ClientEvents {
  /** This tab or process has new tokens from the server. */
  refreshed: { readonly scope: string | undefined }
  /** Tokens that a sibling got, a sign-in gave, or `adopt` was handed are in use now. */
  adopted: { readonly from: 'sibling' | 'sign-in'; readonly scope: string | undefined }
  /** A refresh got no usable answer; the session is kept and the next attempt comes after `delayMs`. */
  retrying: { readonly attempt: number; readonly delayMs: number; readonly cause: unknown }
  /**
   * The session is over:
   *
   * - `user`: `signOut` was called, here or in another tab
   * - `expired`: the server refused the refresh token, whose announced end has passed
   * - `reuse`: the server refused it after an attempt whose answer was lost, without an idempotency key: it had been spent
   * - `revoked`: the server refused it for any other reason: ended by the user elsewhere, by an operator, or because
   *   somebody else presented it. The server does not say which.
   */
  'signed-out': { readonly reason: SignedOutReason }
}

export type ClientEventName = keyof ClientEvents
export type ClientEventListener<Name extends ClientEventName> = (event: ClientEvents[Name]) => void

export interface Emitter {
  readonly on: <Name extends ClientEventName>(name: Name, listener: ClientEventListener<Name>) => () => void
  readonly emit: <Name extends ClientEventName>(name: Name, event: ClientEvents[Name]) => void
}

/** Calls listeners. One that throws changes nothing but that its error is reported as uncaught. */
export function emitter(): Emitter {
  const listeners = new Map<string, Set<(event: never) => void>>()
  return {
    on(name, listener) {
      const all = listeners.get(name) ?? new Set()
      listeners.set(name, all.add(listener))
      return () => all.delete(listener)
    },
    emit(name, event) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(event as never)
        } catch (error) {
          setTimeout(() => {
            throw error
          })
        }
      }
    },
  }
}
