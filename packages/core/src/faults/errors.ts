import { validateHeaderName, validateHeaderValue } from 'node:http'

/** The error codes that are sent to clients: RFC 6749 §5.2 and its extensions. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'access_denied'
  | 'login_required'
  | 'consent_required'
  | 'interaction_required'
  | 'invalid_token'
  | 'insufficient_scope'
  /** RFC 7591 §3.2.2: client metadata that cannot work; the other one for its `redirect_uris`. */
  | 'invalid_client_metadata'
  | 'invalid_redirect_uri'
  | 'server_error'
  | 'temporarily_unavailable'

const oauthErrorBrand = Symbol.for('@oauth-ratchet/core:OAuthError')

const statusOf: Partial<Record<OAuthErrorCode, number>> = {
  invalid_token: 401,
  insufficient_scope: 403,
  server_error: 500,
  temporarily_unavailable: 503,
}

export interface OAuthErrorOptions {
  /** HTTP status. Default: by code; 400 for most. */
  readonly status?: number
  /** Seconds after which a retry makes sense; written as `Retry-After`. */
  readonly retryAfter?: number
  /**
   * Response headers that belong to the error, `WWW-Authenticate` above all. Names in lower case. What HTTP does not
   * allow in them (line breaks, characters outside Latin-1) is a `TypeError` of the constructor's.
   */
  readonly headers?: Readonly<Record<string, string>>
  /** Selects the heading of the built-in error page; never written to the wire. */
  readonly reason?: 'maintenance' | undefined
  /** Kept for the app's own log; never written to the wire. */
  readonly cause?: unknown
}

/**
 * An error that may be sent to a client. `message` goes out as `error_description`, so it never carries a
 * token, a secret or an inner message.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'

  /** What {@link isOAuthError} knows it by, whichever copy of this package made it. */
  get [oauthErrorBrand](): true {
    return true
  }

  readonly code: OAuthErrorCode
  readonly status: number
  readonly retryAfter: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly reason: 'maintenance' | undefined

  constructor(code: OAuthErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(
      toDescriptionCharset(description),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.status = isErrorStatus(options.status) ? options.status : (statusOf[code] ?? 400)
    this.retryAfter = options.retryAfter
    this.reason = options.reason
    this.headers =
      options.retryAfter === undefined
        ? (options.headers ?? {})
        : { ...options.headers, 'retry-after': String(options.retryAfter) }
    checkHeaders(this.headers)
  }

  /** The JSON object of RFC 6749 §5.2. */
  toJSON(): { error: string; error_description: string } {
    return { error: this.code, error_description: this.message }
  }
}

/**
 * Whether it is an {@link OAuthError}, also one of another copy of this package: a program may have loaded the ESM and
 * the CommonJS one.
 */
export function isOAuthError(error: unknown): error is OAuthError {
  return typeof error === 'object' && error !== null && oauthErrorBrand in error
}

function isErrorStatus(status: unknown): status is number {
  return Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599
}

// Express's own error handler writes an error's headers outside of any handler: one that Node refuses ends the process.
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (cause) {
      throw new TypeError(
        `An OAuthError cannot have the header ${JSON.stringify(name)}: HTTP does not allow its name or value.`,
        { cause },
      )
    }
  }
}

/** RFC 6749 §5.2 allows %x20-21 / %x23-5B / %x5D-7E and nothing else, also where input is echoed. */
function toDescriptionCharset(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

/**
 * A callback that the app gave threw, gave what cannot be used, or took too long. For clients a 503: it ends and consumes
 * nothing. On pages a 500, unless it took too long.
 */
export class CallbackError extends Error {
  override readonly name = 'CallbackError'
  readonly callback: string
  /** Whether it took too long, which an outage behind it can cause. */
  readonly late: boolean

  constructor(callback: string, reason: string, cause?: unknown, late = false) {
    super(`The callback ${callback} ${reason}`, cause === undefined ? undefined : { cause })
    this.callback = callback
    this.late = late
  }
}

/** Whether it is a {@link CallbackError}, also one of another copy of this package. */
export function isCallbackError(error: unknown): error is CallbackError {
  return error instanceof Error && error.name === 'CallbackError' && 'callback' in error
}

/**
 * A setting that cannot work, found when the server is made. `code` is stable; docs/configuration-errors.md says
 * for each what it means and how to cure it.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
