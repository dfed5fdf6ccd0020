import type { KeyRing } from '../ratchet/secrets.js'
import { openJson, sealJson, sealText } from '../ratchet/token-codec.js'
import type { Opened } from '../ratchet/token-codec.js'
import { proofText } from './claims.js'
import type { GenuineAccessToken } from './claims.js'

/** Prefix of an opaque access token. */
export const opaquePrefix = 'ora_'

/** Longer is none of ours, and fits into no header of Node's default size: a real one stays far below. */
const maxLength = 16_384

// Short names, since the token travels with every call of the API.
type Packed = [
  id: string,
  grantId: string,
  clientId: string,
  scope: string,
  audience: readonly string[],
  issuedAt: number,
  expiresAt: number,
  proof: string,
]

/**
 * Makes an opaque access token. What it carries is readable to its holder, and so never names the subject.
 *
 * @param text what {@link proofText} makes of it, where the caller has it: a token with a grant is that and the proof
 */
export function sealOpaque(ring: KeyRing, token: GenuineAccessToken, text?: string): string {
  const { id, grantId, clientId, scope, audience, issuedAt, expiresAt, proof = '' } = token
  if (grantId !== undefined) {
    return (
      opaquePrefix + sealText(ring, 'access_token', `${(text ?? proofText(token)).slice(0, -1)},"${proof}"]`)
    )
  }
  const packed: Packed = [id, '', clientId, scope, audience, issuedAt, expiresAt, proof]
  return opaquePrefix + sealJson(ring, 'access_token', packed)
}

/** Opens one, without I/O. */
export function openOpaque(ring: KeyRing, text: string): Opened<GenuineAccessToken> {
  if (text.length > maxLength || !text.startsWith(opaquePrefix)) return { status: 'forged' }
  const opened = openJson(ring, 'access_token', text.slice(opaquePrefix.length))
  if (opened.status !== 'genuine') return opened
  // By their places and as one literal: taking a list apart and copying by spread cost as much as the tag.
  const packed = opened.token as Packed
  const grantId = packed[1]
  const token =
    grantId === ''
      ? {
          id: packed[0],
          clientId: packed[2],
          scope: packed[3],
          audience: packed[4],
          issuedAt: packed[5],
          expiresAt: packed[6],
        }
      : {
          id: packed[0],
          grantId,
          clientId: packed[2],
          scope: packed[3],
          audience: packed[4],
          issuedAt: packed[5],
          expiresAt: packed[6],
          proof: packed[7],
        }
  return { status: 'genuine', token, keys: opened.keys }
}
