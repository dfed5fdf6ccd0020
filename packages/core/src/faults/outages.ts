import { isCallbackError, isOAuthError, OAuthError } from './errors.js'
import { SignInError } from './sign-in-error.js'
import { isStorageError } from './storage-error.js'

/** Where a fault of ours is reported: the events of a server. */
export interface FaultEvents {
  emit(
    name: 'request.failed',
    event: {
      readonly phase: 'storage' | 'callback' | 'internal'
      readonly error: unknown
      readonly requestId?: string
    },
  ): void
}

/** The request in which it went wrong. */
interface FaultOrigin {
  readonly requestId: string
}

/** Every error as one that may be sent to a client. */
export function toOAuthError(events: FaultEvents, error: unknown, origin?: FaultOrigin): OAuthError {
  if (isOAuthError(error)) return error
  const phase = outageOf(error)
  events.emit('request.failed', { phase: phase ?? 'internal', error, ...idOf(origin) })
  return phase === undefined
    ? new OAuthError('server_error', 'The server failed.', { cause: error })
    : unavailable(error)
}

/**
 * The same for a page that a person sees. A fault of the app (a callback that threw, or gave what cannot be used) is a
 * 500: unlike an outage it does not go away by waiting. A callback that took too long may be behind an outage, and stays
 * a 503.
 */
export function toPageError(events: FaultEvents, error: unknown): OAuthError {
  const answer = toOAuthError(events, error)
  const isFaultOfApp = isCallbackError(error) ? !error.late : error instanceof SignInError
  if (!isFaultOfApp) return answer
  return new OAuthError('server_error', 'This application has a fault.', { cause: error })
}

/**
 * Runs what an app calls itself. An outage comes out as the `OAuthError` that the endpoints would answer with (503 with
 * `retryAfter`), and raises `request.failed`; everything else as it is, so that a mistake of the caller's stays one.
 */
export async function reportOutages<T>(
  events: FaultEvents,
  work: () => Promise<T>,
  origin?: FaultOrigin,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const phase = error instanceof SignInError ? undefined : outageOf(error)
    if (phase === undefined) throw error
    events.emit('request.failed', { phase, error, ...idOf(origin) })
    throw unavailable(error)
  }
}

function idOf(origin: FaultOrigin | undefined): { requestId?: string } {
  return origin === undefined ? {} : { requestId: origin.requestId }
}

function outageOf(error: unknown): 'storage' | 'callback' | undefined {
  // What `signIn` or `authenticateUser` gave could not be used.
  if (isCallbackError(error) || error instanceof SignInError) return 'callback'
  return isStorageError(error) ? 'storage' : undefined
}

function unavailable(cause: unknown): OAuthError {
  return new OAuthError('temporarily_unavailable', 'The server cannot answer right now; try again.', {
    retryAfter: 1,
    cause,
  })
}
