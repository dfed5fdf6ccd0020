import type { IncomingMessage } from 'node:http'

/** What a request shows by way of an access token. */
export type ShownToken =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  /** `Bearer` and nothing after it: what a page sends that has no token yet. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'malformed'; readonly reason: string }

/**
 * Reads the access token from the `Authorization` header, the only place where one is taken: in a query it would get
 * into logs and `Referer` headers, and is ignored (RFC 9700 §4.3.2).
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerToken(req: IncomingMessage): ShownToken {
  const { authorization } = req.headers
  if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization)) return { kind: 'none' }
  // Node drops the second of two; a proxy may have looked at the other one.
  if (countAuthorization(req) > 1) return malformed('The request has more than one Authorization header.')
  if (/^bearer *$/i.test(authorization)) return { kind: 'empty' }
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1]
  if (token === undefined) return malformed('The Authorization header is not of the form: Bearer token.')
  if (hasTokenInForm(req)) return malformed('The request has an access token in its header and in its body.')
  return { kind: 'token', token }
}

function malformed(reason: string): ShownToken {
  return { kind: 'malformed', reason }
}

function countAuthorization(req: IncomingMessage): number {
  // Test doubles of a request, such as those of node-mocks-http, have none.
  const { rawHeaders = [] } = req as Partial<IncomingMessage>
  let count = 0
  // By length first, so that no copy is made of the name of every header.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === 'authorization'.length && name.toLowerCase() === 'authorization') count += 1
  }
  return count
}

// Only in a form is `access_token` a way to authenticate (RFC 6750 §2.2); in JSON it is the API's own business.
function hasTokenInForm(req: IncomingMessage): boolean {
  const { body } = req as { body?: unknown }
  if (typeof body !== 'object' || body === null || !('access_token' in body)) return false
  return /^application\/x-www-form-urlencoded(?:;|$)/i.test(req.headers['content-type'] ?? '')
}
