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
  const headers: Record<string, string | number | string[]> = { ...response.headers }
  const { vary } = response.headers
  if (vary !== undefined && res.hasHeader('vary')) {
    headers['vary'] = [res.getHeader('vary'), vary].flat().join(', ')
  }
  const { 'set-cookie': setCookie } = response.headers
  const others = [res.getHeader('set-cookie') ?? []].flat().map(String)
  if (setCookie !== undefined && others.length > 0) headers['set-cookie'] = [...others, setCookie]
  if (response.status !== 204) headers['content-length'] = Buffer.byteLength(response.body)
  res.writeHead(response.status, headers)
  res.end(response.body)
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
