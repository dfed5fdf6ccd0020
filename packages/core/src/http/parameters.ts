import { OAuthError } from '../faults/errors.js'
import { hasControlCharacter, isRefusedValue } from './control-characters.js'
import { checkMediaType, decodeBody } from './media-type.js'
import type { EndpointRequest } from './message.js'
import { backChannelParameters, parameterName, repeatableParameters } from './parameter-names.js'

/** The known parameters of a request, each at most once but for those that may be repeated; empty ones are left out. */
export type Parameters = ReadonlyMap<string, string>

/** A name and a value, decoded. A value that is no string is what an app's parser made of brackets or of repetition. */
type Pair = readonly [name: string, value: unknown]

/**
 * Reads a form body (RFC 6749 Appendix B), from its bytes or from what a parser of the app's made of them. Parameters
 * that are not known are ignored, repeated or not (RFC 6749 §3.2).
 *
 * @throws OAuthError `invalid_request`: 415 for another charset or encoding, 400 otherwise
 */
export function readForm(request: EndpointRequest): Parameters {
  const { body } = request
  if (body === undefined) return new Map()
  checkMediaType(request)
  if (!(body instanceof Uint8Array)) return collect(parsedPairs(body))
  const text = decodeBody(request, body)
  // As nearly all are: to look once at the whole is less than to look at each name and value.
  const isClean = !encodedForm.test(text) && !hasControlCharacter(text)
  return collect(pairsOf(text), isClean)
}

/**
 * The form body as text, unparsed: for an endpoint that must survive what {@link readForm} refuses.
 *
 * @throws OAuthError `invalid_request` for another media type, charset or encoding
 */
export function readFormText(request: EndpointRequest): string {
  const { body } = request
  if (body === undefined) return ''
  checkMediaType(request)
  if (body instanceof Uint8Array) return decodeBody(request, body)
  const pairs = Object.entries(body).flatMap(([name, value]: [string, unknown]) => {
    // A list of several was a repeated parameter. Everything else that is no string was made of brackets.
    const values: unknown[] = Array.isArray(value) && value.length > 1 ? value : [value]
    return values.map((one): [string, string] => (typeof one === 'string' ? [name, one] : [`${name}[]`, '']))
  })
  return new URLSearchParams(pairs).toString()
}

/**
 * Decodes one component of a credential: `+` is a space.
 *
 * @throws OAuthError `invalid_request` for what is not UTF-8 in percent-encoding, or has a control character
 */
export function decodeComponent(text: string): string {
  const decoded = decode(text)
  if (hasControlCharacter(decoded))
    throw new OAuthError('invalid_request', 'The request has a control character.')
  return decoded
}

/** One pair of a form, decoded. */
export function decodePair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=')
  return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
}

const encodedForm = /[%+]/

function decode(text: string): string {
  if (!encodedForm.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new OAuthError('invalid_request', 'The request has malformed percent-encoding.')
  }
}

function pairsOf(text: string): Pair[] {
  const pairs: Pair[] = []
  for (let start = 0; start < text.length;) {
    const ampersand = text.indexOf('&', start)
    const end = ampersand < 0 ? text.length : ampersand
    if (end > start) pairs.push(decodePair(text.slice(start, end)))
    start = end + 1
  }
  return pairs
}

function parsedPairs(body: object): Pair[] {
  return Object.entries(body).flatMap(([name, value]: [string, unknown]): Pair[] =>
    Array.isArray(value) && repeatableParameters.has(name)
      ? value.map((single: unknown): Pair => [name, single])
      : [[name, value]],
  )
}

/** @param isClean whether there is no control character in them */
function collect(pairs: readonly Pair[], isClean = false): Parameters {
  const parameters = new Map<string, string>()
  // Left out, but a second one is a repetition.
  let empty: Set<string> | undefined
  const isRepeated = (name: string): boolean => parameters.has(name) || empty?.has(name) === true
  for (const [sent, value] of pairs) {
    const name = knownName(sent)
    if (!isClean && typeof value === 'string' && isRefusedValue(sent, value)) {
      throw new OAuthError(
        'invalid_request',
        `${name === undefined ? 'A parameter' : `The parameter ${name}`} has a control character.`,
      )
    }
    if (name === undefined) continue
    if (Array.isArray(value) || (isRepeated(name) && !repeatableParameters.has(name))) {
      throw new OAuthError(
        'invalid_request',
        `The parameter ${name} is repeated, or has brackets (RFC 6749 section 3.2).`,
      )
    }
    if (typeof value !== 'string')
      throw new OAuthError('invalid_request', `The parameter ${name} must be a string.`)
    if (value !== '') parameters.set(name, value)
    else (empty ??= new Set()).add(name)
  }
  return parameters
}

/** The name of a parameter that is known; undefined for one that is ignored. What is not known is never quoted. */
function knownName(sent: string): string | undefined {
  if (backChannelParameters.has(sent)) return sent
  if (hasControlCharacter(sent)) {
    throw new OAuthError('invalid_request', 'The name of a parameter has a control character.')
  }
  if (sent === '') throw new OAuthError('invalid_request', 'A parameter has no name.')
  if (/^\s*\{\s*"/.test(sent)) {
    throw new OAuthError('invalid_request', 'The body is JSON. Send the same parameters as a form.')
  }
  const parameter = parameterName(sent, backChannelParameters)
  switch (parameter.kind) {
    case 'known':
      return parameter.name
    case 'unknown':
      return undefined
    case 'bracketed':
      throw new OAuthError('invalid_request', `The parameter ${parameter.name} has brackets.`)
    case 'prototype':
      throw new OAuthError('invalid_request', 'The name of a parameter leads to a prototype.')
  }
}
