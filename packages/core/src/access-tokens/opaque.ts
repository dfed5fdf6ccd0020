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
export function sealOpaque(ring: KeyRing, token: GenuineAccessToken, text = proofText(token)): string {
  const { id, grantId, clientId, scope, audience, issuedAt, expiresAt, proof = '' } = token
  if (grantId !== undefined) {
    return opaquePrefix + sealText(ring, 'access_token', `${text.slice(0, -1)},"${proof}"]`)
  }
  const packed: Packed = [id, '', clientId, scope, audience, issuedAt, expiresAt, proof]
  return opaquePrefix + sealJson(ring, 'access_token', packed)
}

/** Opens one, without I/O. */
export function openOpaque(ring: KeyRing, text: string): Opened<GenuineAccessToken> {
  if (text.length > maxLength || !text.startsWith(opaquePrefix)) return { status: 'forged' }
  const opened = openJson(ring, 'access_token', text.slice(opaquePrefix.length))
  if (opened.status !== 'genuine') return opened
  const [id, grantId, clientId, scope, audience, issuedAt, expiresAt, proof] = opened.token as Packed
  const token = { id, clientId, scope, audience, issuedAt, expiresAt }
  return { ...opened, token: grantId === '' ? token : { ...token, grantId, proof } }
}
