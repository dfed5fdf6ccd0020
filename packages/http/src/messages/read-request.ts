import { OAuthError } from '@oauth-ratchet/core'
import type { EndpointRequest } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../caller/caller.js'
import { maxBodyBytes, readBody } from './read-body.js'

/** What reading a request takes of the package that stands before it. */
export interface Edge<Req> {
  readonly caller: Caller
  /** The client's address, for throttling and events. */
  readonly clientAddress: (req: Req) => string | undefined
}

/**
 * A request as the core wants it; undefined when the client has gone away before it was complete.
 *
 * @throws OAuthError `invalid_request`, 413, for a body over 16 kB
 */
export async function readRequest<Req extends IncomingMessage>(
  req: Req,
  edge: Edge<Req>,
): Promise<EndpointRequest | undefined> {
  if (req.method !== 'POST' && req.method !== 'PATCH') return withBody(req, edge, undefined)
  const parsed = parsedBody(req)
  if (parsed !== undefined) return withBody(req, edge, parsed)
  const { 'content-length': length = 0, 'transfer-encoding': encoding } = req.headers
  if (req.readableEnded && (Number(length) > 0 || encoding !== undefined)) {
    throw new OAuthError(
      'invalid_request',
      `The body was read before it came here: mount ${edge.caller.maker} before what reads it, or leave it parsed in req.body.`,
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
  return withBody(req, edge, body.bytes.length === 0 ? undefined : body.bytes)
}

function withBody<Req extends IncomingMessage>(
  req: Req,
  edge: Edge<Req>,
  body: EndpointRequest['body'],
): EndpointRequest {
  const { method = '', url = '' } = req
  const question = url.indexOf('?')
  return {
    method,
    headers: req.headers,
    query: question < 0 ? '' : url.slice(question + 1),
    body,
    remoteAddress: edge.clientAddress(req),
    requestId: requestIdOf(req),
  }
}

/** What a logger or framework has numbered the request with (`req.id` of pino-http), where it can stand in a log. */
function requestIdOf(req: IncomingMessage): string | undefined {
  const { id } = req as { id?: unknown }
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined
}

// What a parser of the app's has left. On Express 4 every parser leaves `{}`, also where it has not touched the
// stream because the body was not of its type; then the stream is still ours to read.
function parsedBody(req: IncomingMessage): EndpointRequest['body'] {
  const { body } = req as { body?: unknown }
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (typeof body !== 'object' || body === null) return undefined
  return Object.keys(body).length > 0 || req.readableDidRead ? body : undefined
}
