import type { GrantRecord } from '../storage/storage.js'
import { secondsUntil } from '../options/seconds.js'

/**
 * The token response of RFC 6749 §5.1. All times are seconds. A member that does not apply is left out, never null.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export interface TokenResponse {
  access_token: string
  token_type: 'Bearer'
  expires_in: number
  /** Left out when it is empty. */
  scope?: string
  refresh_token?: string
  /** What is left of whichever limit of the grant comes first. */
  refresh_token_expires_in?: number
  /** What is left of the idle limit if nothing happens: draft-ietf-oauth-refresh-token-expiration. */
  refresh_token_timeout?: number
  /** What is left of the absolute limit: the same draft. */
  authorization_expires_in?: number
}

/**
 * The response as JSON: the same text as `JSON.stringify` writes, by a template, which takes a third of the time. Tokens
 * are of characters that JSON writes as they are.
 */
export function tokenResponseJson(tokens: TokenResponse): string {
  let text = `{"access_token":"${tokens.access_token}","token_type":"Bearer","expires_in":${tokens.expires_in}`
  if (tokens.scope !== undefined) text += `,"scope":${JSON.stringify(tokens.scope)}`
  if (tokens.refresh_token !== undefined) text += `,"refresh_token":"${tokens.refresh_token}"`
  for (const name of limitNames) {
    const limit = tokens[name]
    if (limit !== undefined) text += `,"${name}":${limit}`
  }
  return `${text}}`
}

const limitNames = ['refresh_token_expires_in', 'refresh_token_timeout', 'authorization_expires_in'] as const

type Limits = Pick<
  TokenResponse,
  'refresh_token_expires_in' | 'refresh_token_timeout' | 'authorization_expires_in'
>

/** The limits of a grant as numbers that go with its refresh token. */
export function limitsOf(record: GrantRecord, now: number): Limits {
  const limits: Limits = {}
  addLimits(limits, record, now)
  return limits
}

/** The same, written into the response that they go with. */
export function addLimits(limits: Limits, record: GrantRecord, now: number): void {
  const left = secondsUntil(record.expiresAt, now)
  limits.refresh_token_expires_in = left
  // A grant without an idle limit of its own may still be under the one of the options.
  if (record.idleLifetime !== null || record.expiresAt !== record.absoluteExpiresAt) {
    limits.refresh_token_timeout = left
  }
  if (record.absoluteExpiresAt !== null) {
    limits.authorization_expires_in = secondsUntil(record.absoluteExpiresAt, now)
  }
}
