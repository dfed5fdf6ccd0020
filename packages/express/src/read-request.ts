import { OAuthError } from '@oauth-ratchet/core'
import type { EndpointRequest } from '@oauth-ratchet/core'
import type { Request } from 'express'
import { maxBodyBytes, readBody } from './read-body.js'

/**
 * A request of Express as the core wants it; undefined when the client has gone away before it was complete.
 *
 * @throws OAuthError `invalid_request`, 413, for a body over 16 kB
 */
export async function readRequest(req: Request): Promise<EndpointRequest | undefined> {
  if (req.method !== 'POST') return withBody(req, undefined)
  const parsed = parsedBody(req)
  if (parsed !== undefined) return withBody(req, parsed)
  const { 'content-length': length = 0, 'transfer-encoding': encoding } = req.headers
  if (req.readableEnded && (Number(length) > 0 || encoding !== undefined)) {
    throw new OAuthError(
      'invalid_request',
      'The body was read before it came here: mount oauthRouter before what reads it, or leave it parsed in req.body.',
    )
  }
  const body = await readBody(req)
  if (body.outcome === 'aborted') return undefined
  if (body.outcome === 'too_large') {
    throw new OAuthError('invalid_request', `The body is larger than ${maxBodyBytes / 1024} kB.`, {
      status: 413,
      headers: body.drained ? {} : { connection: 'close' },
    })
  }
  return withBody(req, body.bytes.length === 0 ? undefined : body.bytes)
}

function withBody(req: Request, body: EndpointRequest['body']): EndpointRequest {
  const question = req.url.indexOf('?')
  return {
    method: req.method,
    headers: req.headers,
    query: question < 0 ? '' : req.url.slice(question + 1),
    body,
    // What `req.ip` would find, and look for in several places.
    remoteAddress: req.headers['x-forwarded-for'] === undefined ? req.socket.remoteAddress : req.ip,
  }
}

// What a parser of the app's has left. On Express 4 every parser leaves `{}`, also where it has not touched the
// stream because the body was not of its type; then the stream is still ours to read.
function parsedBody(req: Request): EndpointRequest['body'] {
  const { body } = req as { body?: unknown }
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (typeof body !== 'object' || body === null) return undefined
  return Object.keys(body).length > 0 || req.readableDidRead ? body : undefined
}
