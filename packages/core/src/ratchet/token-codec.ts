import type { Keys, KeyRing, TokenKind } from './secrets.js'

/** The kinds of token that turn a ratchet. */
export type RatchetTokenKind = 'authorization_code' | 'refresh_token'

/** What an authorization code or refresh token says of itself. */
export interface RatchetToken {
  readonly grantId: string
  readonly generation: number
  readonly nonce: string
}

/** Outcome of opening a token. Everything but `genuine` is refused before any I/O. */
export type Opened<T> =
  | { readonly status: 'genuine'; readonly token: T; readonly keys: Keys }
  | { readonly status: 'forged' }
  | { readonly status: 'unknown_key'; readonly keyId: string }

/** Prefixes: a leaked token can be recognised for what it is, by people and by secret scanners. */
export const prefixOf: Readonly<Record<RatchetTokenKind, string>> = {
  authorization_code: 'orc_',
  refresh_token: 'orr_',
}

// version | key id | grant id | generation | nonce | tag. A multiple of 3, so that base64url has no spare bits.
const keyIdAt = 1
const grantIdAt = keyIdAt + 4
const generationAt = grantIdAt + 16
const nonceAt = generationAt + 6
const tagAt = nonceAt + 16
const size = tagAt + 32
const version = 1
const textLength = 4 + (size / 3) * 4

/** Makes the token, under the current secret or the one given. */
export function sealToken(
  ring: KeyRing,
  kind: RatchetTokenKind,
  token: RatchetToken,
  keys: Keys = ring.current,
): string {
  const bytes = Buffer.allocUnsafe(size)
  bytes[0] = version
  bytes.writeUInt32BE(keys.id, keyIdAt)
  bytes.write(token.grantId, grantIdAt, 'base64url')
  bytes.writeUIntBE(token.generation, generationAt, 6)
  bytes.write(token.nonce, nonceAt, 'base64url')
  keys.tag[kind].append(bytes, tagAt)
  return prefixOf[kind] + bytes.toString('base64url')
}

/**
 * Opens a token: strict (what does not encode back to the same string is forged) and in constant time over the
 * tag. No I/O, whatever comes in.
 */
export function openToken(ring: KeyRing, kind: RatchetTokenKind, text: string): Opened<RatchetToken> {
  if (text.length !== textLength || !text.startsWith(prefixOf[kind])) return forged
  // Of whole bytes without a spare bit, so that whatever is in the alphabet encodes back to itself.
  if (!base64url.test(text)) return forged
  const bytes = Buffer.from(text.slice(4), 'base64url')
  if (bytes[0] !== version) return forged
  const keys = ring.find(bytes.readUInt32BE(keyIdAt))
  if (keys === undefined) return { status: 'unknown_key', keyId: bytes.toString('hex', keyIdAt, grantIdAt) }
  if (!keys.tag[kind].verifies(bytes)) return forged
  const token = {
    grantId: bytes.toString('base64url', grantIdAt, generationAt),
    generation: bytes.readUIntBE(generationAt, 6),
    nonce: bytes.toString('base64url', nonceAt, tagAt),
  }
  return { status: 'genuine', token, keys }
}

const forged = { status: 'forged' } as const
const base64url = /^[\w-]+$/

/**
 * A JSON value of the server's own under a tag, for what is longer than a ratchet token: opaque access tokens,
 * consent forms, reauthentication marks. Integrity only: whoever holds it can read it.
 */
export function sealJson(ring: KeyRing, kind: TokenKind, value: unknown): string {
  return sealText(ring, kind, JSON.stringify(value))
}

/** The same for a value that is JSON already. */
export function sealText(ring: KeyRing, kind: TokenKind, json: string): string {
  const end = jsonAt + Buffer.byteLength(json)
  const bytes = Buffer.allocUnsafe(end + 32)
  bytes[0] = version
  bytes.writeUInt32BE(ring.current.id, keyIdAt)
  bytes.write(json, jsonAt)
  ring.current.tag[kind].append(bytes, end)
  return bytes.toString('base64url')
}

/** Opens what {@link sealJson} made, with the same strictness as {@link openToken}. */
export function openJson(ring: KeyRing, kind: TokenKind, encoded: string): Opened<unknown> {
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length < jsonAt + 2 + 32 || bytes[0] !== version || bytes.toString('base64url') !== encoded)
    return forged
  const keys = ring.find(bytes.readUInt32BE(keyIdAt))
  if (keys === undefined) return { status: 'unknown_key', keyId: bytes.toString('hex', keyIdAt, jsonAt) }
  if (!keys.tag[kind].verifies(bytes)) return forged
  return {
    status: 'genuine',
    token: JSON.parse(bytes.toString('utf8', jsonAt, bytes.length - 32)) as unknown,
    keys,
  }
}

const jsonAt = keyIdAt + 4
