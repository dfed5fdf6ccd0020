import { OAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'
import { readRequest } from './read-request.js'
import type { Edge } from './read-request.js'

/**
 * The members of a JSON body; none for a request without a body. Undefined when the client has gone away before the body
 * was complete.
 *
 * @throws OAuthError `invalid_request`: 415 for another media type, 413 for a body over 16 kB, 400 for what is no object
 */
export async function readJson<Req extends IncomingMessage>(
  req: Req,
  edge: Edge<Req>,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const request = await readRequest(req, edge)
  if (request === undefined) return undefined
  const { body } = request
  if (body === undefined) return {}
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(req.headers['content-type'] ?? '')) {
    throw new OAuthError('invalid_request', 'The body must be application/json.', { status: 415 })
  }
  const value: unknown = body instanceof Uint8Array ? parse(body) : body
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OAuthError('invalid_request', 'The body must be a JSON object.')
  }
  return value as Readonly<Record<string, unknown>>
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // What JSON.parse says quotes the body, which may have a secret in it.
    throw new OAuthError('invalid_request', 'The body is not JSON.')
  }
}
