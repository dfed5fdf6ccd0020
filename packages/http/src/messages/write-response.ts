import { jsonResponse } from '@oauth-ratchet/core'
import type { EndpointResponse, OAuthError } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'

/**
 * Writes an answer of the core's. Headers that the app has set stay, but for those that the answer has too; cookies are
 * added to the app's. Where the app has set none and has not replaced `end`, the answer's are written without `setHeader`,
 * which is quicker, and `res.getHeader` does not know them afterwards.
 */
export function writeResponse(res: ServerResponse, { status, headers, body }: EndpointResponse): void {
  if (res.headersSent || res.destroyed) return
  const bytes = Buffer.byteLength(body)
  if (res.getHeaderNames().length === 0 && !Object.hasOwn(res, 'end')) {
    // An object, not a flat list: on-headers before 1.1, which compression and sessions come with, misreads lists. Filled
    // name by name: to a copy by spread the engine adds nothing without a slow way round.
    const sent: Record<string, string | number> = {}
    for (const name in headers) sent[name] = headers[name] as string
    if (status !== 204) sent['content-length'] = bytes
    res.writeHead(status, sent)
  } else {
    for (const name in headers) {
      const value = headers[name] as string
      res.setHeader(name, added.has(name) ? besideTheApps(res, name, value) : value)
    }
    if (status !== 204) res.setHeader('content-length', bytes)
    // Not `writeHead`: what a middleware has put in the place of `end` may set headers there, as Express lets it.
    res.statusCode = status
  }
  // As many bytes as characters: it is ASCII, which is written faster so.
  res.end(body, bytes === body.length ? 'latin1' : 'utf8')
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
