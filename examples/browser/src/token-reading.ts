/** What a code or refresh token of this server says of itself. */
export interface TokenReading {
  readonly grant: string
  readonly generation: number
}

const bytesBeforeGrant = 5
const bytesBeforeGeneration = bytesBeforeGrant + 16
const bytesBeforeNonce = bytesBeforeGeneration + 6

/**
 * Reads grant and generation off a code or refresh token of this server. To other clients a token is opaque, and they have
 * no need of either; this page wants to show them. Undefined for any other text. Nothing is verified here.
 */
export function readToken(text: string): TokenReading | undefined {
  const encoded = /^or[cr]_([\w-]{100})$/.exec(text)?.[1]
  if (encoded === undefined) return undefined
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Array.from(binary, (character) => character.charCodeAt(0))
  return {
    grant: bytes
      .slice(bytesBeforeGrant, bytesBeforeGeneration)
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(''),
    generation: bytes
      .slice(bytesBeforeGeneration, bytesBeforeNonce)
      .reduce((number, byte) => number * 256 + byte, 0),
  }
}

/** The refresh token in a store, found as a script of a thief would: by what it looks like. */
export function findRefreshToken(store: Storage): string | undefined {
  for (let index = 0; index < store.length; index++) {
    const value = store.getItem(store.key(index) ?? '')
    const token = /orr_[\w-]{100}/.exec(value ?? '')?.[0]
    if (token !== undefined) return token
  }
  return undefined
}
