import { jsonResponse } from '@oauth-ratchet/core'
import type { EndpointResponse, OAuthError } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'

/**
 * Writes an answer of the core's, past Express's own `res.json`, whose ETag and charset handling cost more than they
 * give here. Headers that the app has set stay, but for those that the answer has too;
 * cookies are added to the app's.
 */
export function writeResponse(res: ServerResponse, response: EndpointResponse): void {
  if (res.headersSent || res.destroyed) return
  for (const [name, value] of Object.entries(response.headers)) {
    res.setHeader(name, added.has(name) ? besideTheApps(res, name, value) : value)
  }
  if (response.status !== 204) res.setHeader('content-length', Buffer.byteLength(response.body))
  res.writeHead(response.status)
  res.end(response.body)
}

/** Headers of which the app's own stay beside ours. */
const added = new Set(['vary', 'set-cookie'])

function besideTheApps(res: ServerResponse, name: string, value: string): string | string[] {
  const present = [res.getHeader(name) ?? []].flat().map(String)
  if (present.length === 0) return value
  return name === 'vary' ? [...present, value].join(', ') : [...present, value]
}

/** An error as JSON (RFC 6749 §5.2), which no cache may keep. */
export function errorResponse(
  error: Pick<OAuthError, 'code' | 'message' | 'status' | 'headers'>,
): EndpointResponse {
  return jsonResponse(error.status, { error: error.code, error_description: error.message }, error.headers)
}

/**
 * Takes off what a `cors()` of the app's has put on. Who may read these endpoints is the router's to say: nobody at
 * all where the user's browser is talked to (RFC 9700 §2.6).
 */
export function removeCorsHeaders(res: ServerResponse): void {
  for (const name of res.getHeaderNames()) {
    if (name.startsWith('access-control-')) res.removeHeader(name)
  }
}
