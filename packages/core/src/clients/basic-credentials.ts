import { decodeComponent } from '../http/parameters.js'

/** What an `Authorization: Basic` header presents, in the two ways in which clients write it. */
export interface BasicCredentials {
  /** Form-decoded (RFC 6749 §2.3.1); as it came where it cannot be. */
  readonly clientId: string
  /** As it came, where that is another text. */
  readonly rawClientId?: string
  /** Form-decoded and as it came; one where both are the same, or where it cannot be decoded; none where it is empty. */
  readonly secrets: readonly string[]
}

/**
 * Reads the header: base64, split at the first colon. RFC 6749 §2.3.1 has both halves form-encoded, and many HTTP clients
 * send them raw, which differs for secrets with `+` or `%`: so both readings are given.
 *
 * @returns undefined for what is no base64, no UTF-8, or has no colon or no id
 * @see https://www.rfc-editor.org/rfc/rfc7617#section-2
 */
export function readBasic(authorization: string): BasicCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization.trim())?.[1]
  if (encoded === undefined) return undefined
  const text = decodeUtf8(Buffer.from(encoded, 'base64'))
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 1) return undefined
  const rawId = text.slice(0, colon)
  const rawSecret = text.slice(colon + 1)
  const clientId = formDecoded(rawId) ?? rawId
  const secret = formDecoded(rawSecret) ?? rawSecret
  if (clientId === '') return undefined
  const readings = secret === rawSecret ? [secret] : [secret, rawSecret]
  const secrets = readings.filter((reading) => reading !== '')
  return rawId === clientId ? { clientId, secrets } : { clientId, rawClientId: rawId, secrets }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeComponent(text)
  } catch {
    return undefined
  }
}
