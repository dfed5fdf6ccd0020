import { OAuthError } from '../faults/errors.js'
import { isAscii } from 'node:buffer'
import { header } from './message.js'
import type { EndpointRequest } from './message.js'

const formType = 'application/x-www-form-urlencoded'
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws OAuthError `invalid_request` for a body that is no form, or is compressed (415) */
export function checkMediaType(request: EndpointRequest): void {
  // As nearly all clients write it.
  const [type = ''] = request.headers['content-type'] === formType ? [formType] : contentType(request)
  if (type !== formType) {
    const cure = type === 'application/json' ? ' Send the same parameters as a form, not as JSON.' : ''
    throw new OAuthError('invalid_request', `The body must be ${formType}.${cure}`)
  }
  const encoding = header(request, 'content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new OAuthError('invalid_request', 'The body must not be compressed.', { status: 415 })
  }
}

/**
 * The bytes of a form as text: UTF-8 (RFC 6749 Appendix B). Another charset is accepted for a body that reads the same in
 * it, which is one of ASCII characters in a charset that extends ASCII: some HTTP clients name theirs by habit.
 *
 * @throws OAuthError `invalid_request`: 415 for another charset, 400 for bytes that are not UTF-8
 */
export function decodeBody(request: EndpointRequest, bytes: Uint8Array): string {
  const charset = (header(request, 'content-type')?.includes(';') === true ? contentType(request) : [])
    .find((attribute) => attribute.startsWith('charset='))
    ?.slice('charset='.length)
    .replace(/^"(.*)"$/, '$1')
  if (charset !== undefined && !/^utf-?8$/.test(charset) && !readsTheSameIn(charset, bytes)) {
    throw new OAuthError('invalid_request', 'The body must be UTF-8.', { status: 415 })
  }
  // Which is quicker, and the same. Tokens and identifiers have no other characters.
  if (isAscii(bytes)) return asBuffer(bytes).toString('latin1')
  try {
    return utf8.decode(bytes)
  } catch {
    throw new OAuthError('invalid_request', 'The body is not UTF-8.')
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function contentType(request: EndpointRequest): string[] {
  return (header(request, 'content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
}

function readsTheSameIn(charset: string, bytes: Uint8Array): boolean {
  try {
    return new TextDecoder(charset).decode(bytes) === utf8.decode(bytes)
  } catch {
    // No charset, or one that this Node does not know.
    return false
  }
}
