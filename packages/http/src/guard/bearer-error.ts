import { OAuthError } from '@oauth-ratchet/core'
import type { OAuthErrorCode, OAuthErrorOptions } from '@oauth-ratchet/core'

/** What a `WWW-Authenticate` challenge says beside the error. */
export interface BearerChallenge {
  readonly realm: string
  /** What the resource needs; space-separated. */
  readonly scope?: string | undefined
  /** URL of the protected resource metadata (RFC 9728 §5.1). */
  readonly resource_metadata?: string | undefined
}

/**
 * An `OAuthError` of a guarded resource. Has `statusCode` beside `status`, since error handlers ask for either, and `expose`,
 * by which Koa knows that the message may be sent and that it is no fault of the app's to be logged.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export class BearerError extends OAuthError {
  readonly statusCode: number
  readonly expose: boolean

  constructor(code: OAuthErrorCode, description: string, options: OAuthErrorOptions) {
    super(code, description, options)
    this.statusCode = this.status
    this.expose = this.status < 500
  }
}

/** An error that the challenge names. */
export function bearerError(
  challenge: BearerChallenge,
  code: OAuthErrorCode,
  status: 400 | 401 | 403,
  description: string,
  cause?: unknown,
): BearerError {
  // The description has no quotes: OAuthError sees to that, and puts the same text on the wire.
  const { message } = new OAuthError(code, description)
  const header = bearerHeader({ ...challenge, error: code, error_description: message })
  return new BearerError(code, message, { status, headers: { 'www-authenticate': header }, cause })
}

/** No token was shown: the challenge says how to show one, and names no error (RFC 6750 §3.1). */
export function missingToken(challenge: BearerChallenge): BearerError {
  return new BearerError('invalid_token', 'An access token is needed.', {
    status: 401,
    headers: { 'www-authenticate': bearerHeader(challenge) },
  })
}

function bearerHeader(challenge: BearerChallenge & { error?: string; error_description?: string }): string {
  const { realm, error, error_description, scope, resource_metadata } = challenge
  const attributes = Object.entries({ realm, error, error_description, scope, resource_metadata })
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}="${value}"`)
  return `Bearer ${attributes.join(', ')}`
}
