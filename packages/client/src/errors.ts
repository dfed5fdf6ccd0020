/**
 * Why a call of the client failed.
 *
 * - `unavailable`: no answer, 429, or 5xx, after all attempts. The session is kept; try again, after `retryAfter` if given.
 * - `refused`: the server answered an OAuth error other than `invalid_grant` (`oauthError` names it): a setting is wrong.
 *   The session is kept.
 * - `body_not_replayable`: an API answered 401 to a request whose body can be read only once. The token has been
 *   refreshed; make the request again.
 * - `sign_in_failed`: the callback's URL or the answer to its code is an error, or not for this client.
 * - `configuration`: an option cannot work, or the server is not set up for it. The message says what to do.
 */
export type ClientErrorCode =
  'unavailable' | 'refused' | 'body_not_replayable' | 'sign_in_failed' | 'configuration'

export interface ClientErrorDetails {
  readonly cause?: unknown
  readonly retryAfter?: number | undefined
  readonly oauthError?: string | undefined
}

/** What this package throws. The message never carries a token. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  /** Seconds after which another attempt makes sense. */
  readonly retryAfter: number | undefined
  /** The `error` of an OAuth error response (RFC 6749 §5.2). */
  readonly oauthError: string | undefined

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}) {
    super(message, details)
    this.code = code
    this.retryAfter = details.retryAfter
    this.oauthError = details.oauthError
  }
}
