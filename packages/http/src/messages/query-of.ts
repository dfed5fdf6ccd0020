import { OAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'

/** The parameters of a request's query. */
export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const question = url.indexOf('?')
  return new URLSearchParams(question < 0 ? '' : url.slice(question + 1))
}

/**
 * `limit` of a listing.
 *
 * @throws OAuthError `invalid_request` for what is no number from 1 to 500
 */
export function limitIn(query: URLSearchParams): number {
  const text = query.get('limit')
  if (text === null) return 50
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= 500) return limit
  throw new OAuthError('invalid_request', 'limit must be a number from 1 to 500.')
}
