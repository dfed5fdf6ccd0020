import { createHash } from 'node:crypto'
import type { GenuineToken } from './circumstances.js'

/** What no foreign token begins with: our prefixes, those of today and of any later kind. */
const ownPrefix = /^or[a-z]_/

/** Whether a text can be a refresh token that somebody else has made. One of ours that does not open is none. */
export function canBeForeign(text: string): boolean {
  return text !== '' && !ownPrefix.test(text)
}

/**
 * A foreign refresh token as generation 1 of the grant that it is imported to. Grant id and nonce are hashes of realm and
 * token: the same in every process and under every secret, so that one token makes one grant, whoever presents it first and
 * whenever. Whether there is such a grant, and whether there may be, this does not say.
 */
export function foreignToken(realm: string, text: string): GenuineToken {
  const hash = digest('foreign refresh token', realm, text)
  return {
    grantId: hash.toString('base64url', 0, 16),
    generation: 1,
    nonce: hash.toString('base64url', 16),
    kind: 'refresh_token',
    current: true,
  }
}

/** What a foreign token's id is marked under: no client's ids are another's. */
export function foreignIdHash(realm: string, clientId: string, id: string): string {
  return digest('id of a foreign refresh token', realm, clientId, id).toString('base64url', 0, 16)
}

// As JSON, so that no two lists of texts are one.
function digest(...texts: readonly string[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['oauth-ratchet/1', ...texts]))
    .digest()
}
