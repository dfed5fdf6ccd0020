import { OAuthError } from '../faults/errors.js'
import { header } from './message.js'
import type { EndpointRequest } from './message.js'

/** The parameters of a request, each at most once but for those that may be repeated; empty ones are left out. */
export type Parameters = ReadonlyMap<string, string>

/** RFC 8707 §2 and RFC 8693 §2.1 let these be repeated; they are kept for the features that will read them. */
const repeatable = new Set(['resource', 'audience'])

/** param-name of RFC 6749 §8.2, which leaves no room for a parser's brackets; and no way to an object's prototype. */
const nameForm = /^(?!__proto__$)[\w.-]+$/

/**
 * Reads a form body (RFC 6749 Appendix B), from its bytes or from what a parser of the app's made of them.
 *
 * @throws OAuthError `invalid_request`: 415 for another media type, charset or encoding, 400 otherwise
 */
export function readForm(request: EndpointRequest): Parameters {
  const { body } = request
  if (body === undefined) return new Map()
  checkMediaType(request)
  return body instanceof Uint8Array ? parseForm(decodeUtf8(body)) : parsedForm(body)
}

const encodedForm = /[%+]/

/**
 * The form body as text, unparsed: for an endpoint that must survive what {@link readForm} refuses.
 *
 * @throws OAuthError `invalid_request` for another media type, charset or encoding
 */
export function readFormText(request: EndpointRequest): string {
  const { body } = request
  if (body === undefined) return ''
  checkMediaType(request)
  if (body instanceof Uint8Array) return decodeUtf8(body)
  // A list of several was a repeated parameter. Everything else that is no string was made of brackets, and of a name
  // with brackets this is no parameter.
  const pairs = Object.entries(body).flatMap(([name, value]: [string, unknown]) => {
    const values: unknown[] = Array.isArray(value) && value.length > 1 ? value : [value]
    return values.filter((one) => typeof one === 'string').map((one): [string, string] => [name, one])
  })
  return new URLSearchParams(pairs).toString()
}

/** Parses `application/x-www-form-urlencoded`, strictly. */
export function parseForm(text: string): Parameters {
  return collect(
    text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair): [string, string] => {
        const equals = pair.indexOf('=')
        return equals < 0
          ? [decodeComponent(pair), '']
          : [decodeComponent(pair.slice(0, equals)), decodeComponent(pair.slice(equals + 1))]
      }),
  )
}

/** Decodes one component: `+` is a space, and what is not UTF-8 in percent-encoding is an error. */
export function decodeComponent(text: string): string {
  if (!encodedForm.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new OAuthError('invalid_request', 'The request has malformed percent-encoding.')
  }
}

function checkMediaType(request: EndpointRequest): void {
  const [type = '', ...attributes] = (header(request, 'content-type') ?? '').toLowerCase().split(';')
  if (type.trim() !== 'application/x-www-form-urlencoded') {
    const cure = type.trim() === 'application/json' ? ' Send the same parameters as a form, not as JSON.' : ''
    throw new OAuthError('invalid_request', `The body must be application/x-www-form-urlencoded.${cure}`)
  }
  const charset = attributes
    .map((attribute) => attribute.trim())
    .find((attribute) => attribute.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new OAuthError('invalid_request', 'The body must be UTF-8.', { status: 415 })
  }
  const encoding = header(request, 'content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new OAuthError('invalid_request', 'The body must not be compressed.', { status: 415 })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new OAuthError('invalid_request', 'The body is not UTF-8.')
  }
}

// An app's own parser has been at it: lists are repeated parameters, objects are bracket tricks.
function parsedForm(body: object): Parameters {
  const pairs: [string, string][] = []
  for (const [name, value] of Object.entries(body)) {
    if (Array.isArray(value) && !repeatable.has(name)) {
      throw new OAuthError('invalid_request', `The parameter ${name} is repeated, or has brackets.`)
    }
    for (const single of Array.isArray(value) ? (value as unknown[]) : [value as unknown]) {
      if (typeof single !== 'string') {
        throw new OAuthError('invalid_request', `The parameter ${name} must be a string.`)
      }
      pairs.push([name, single])
    }
  }
  return collect(pairs)
}

function collect(pairs: readonly (readonly [string, string])[]): Parameters {
  const parameters = new Map<string, string>()
  const seen = new Set<string>()
  for (const [name, value] of pairs) {
    if (!nameForm.test(name)) throw new OAuthError('invalid_request', `${name} is no name of a parameter.`)
    if (seen.has(name) && !repeatable.has(name)) {
      throw new OAuthError('invalid_request', `The parameter ${name} is repeated (RFC 6749 section 3.2).`)
    }
    seen.add(name)
    if (value !== '') parameters.set(name, value)
  }
  return parameters
}
