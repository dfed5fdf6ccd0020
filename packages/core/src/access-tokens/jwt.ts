import { hash } from 'node:crypto'
import type * as Jose from 'jose'
import type { RecentlyUsed } from '../recently-used.js'
import type { GenuineAccessToken, JwtDetails } from './claims.js'
import type { SigningKey } from './signing-keys.js'

/**
 * Makes an access token of RFC 9068. `jti` carries the grant and the proof, so that this server can still ask the
 * grant. Signed with `node:crypto`, which is several times faster than going through promises, on the hot path.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2
 */
export function sealJwt(
  key: SigningKey,
  issuer: string,
  token: GenuineAccessToken,
  details: JwtDetails,
): string {
  const { claims, subject, authTime, acr, amr } = details
  const { audience, scope } = token
  const payload: Record<string, unknown> = Object.keys(claims).length === 0 ? {} : { ...claims }
  payload['iss'] = issuer
  payload['sub'] = subject
  payload['aud'] = audience.length === 1 ? audience[0] : audience
  payload['client_id'] = token.clientId
  payload['iat'] = token.issuedAt
  payload['exp'] = token.expiresAt
  payload['jti'] = jtiOf(token)
  if (scope !== '') payload['scope'] = scope
  if (authTime !== undefined) payload['auth_time'] = authTime
  if (acr !== undefined) payload['acr'] = acr
  if (amr !== undefined) payload['amr'] = amr
  const signed = `${key.header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  return `${signed}.${key.sign(signed).toString('base64url')}`
}

/** The `jti` claim: what this server needs to ask the grant, beside the token's id. */
export function jtiOf({ id, grantId, proof }: GenuineAccessToken): string {
  return grantId === undefined ? id : `${id}.${grantId}.${proof}`
}

/** Under which key a signature was found good, by the SHA-256 of the whole token. */
export type VerifiedJwts = RecentlyUsed<string, SigningKey>

/** Names of the payload that are members of a {@link GenuineAccessToken}; all others are the app's own claims. */
const standard = new Set([
  'iss',
  'sub',
  'aud',
  'client_id',
  'iat',
  'exp',
  'jti',
  'scope',
  'auth_time',
  'acr',
  'amr',
])

/**
 * Verifies one of our own: signature under the key that its `kid` names and only with that key's algorithm, `typ`,
 * issuer. Undefined for anything else. Whether it has expired is for the caller, whose clock it is.
 *
 * @param verified tokens that were verified before: an API gets the same one with every call, and a signature takes longer to
 *   verify than all the rest of a request. One whose key is not among `keys` any more is not believed for that
 */
export async function openJwt(
  keys: readonly SigningKey[],
  issuer: string,
  text: string,
  verified: VerifiedJwts,
): Promise<GenuineAccessToken | undefined> {
  // A digest, so that no token is kept.
  const digest = hash('sha256', text, 'base64')
  const known = verified.get(digest)
  if (known !== undefined && keys.includes(known)) return tokenOf(payloadOf(text))
  const { decodeProtectedHeader, jwtVerify } = await loadJose()
  try {
    const { kid } = decodeProtectedHeader(text)
    const key = keys.find((one) => one.kid === kid)
    if (key === undefined) return undefined
    const { payload } = await jwtVerify(text, key.publicKey, {
      algorithms: [key.alg],
      issuer,
      typ: 'at+jwt',
      // Expiry is checked by the caller's clock; as of its own beginning no token has expired.
      currentDate: new Date(0),
      requiredClaims: ['sub', 'aud', 'client_id', 'iat', 'exp', 'jti'],
    })
    verified.set(digest, key)
    return tokenOf(payload)
  } catch {
    return undefined
  }
}

/** Of a token that was verified before. */
function payloadOf(text: string): Jose.JWTPayload {
  const encoded = text.slice(text.indexOf('.') + 1, text.lastIndexOf('.'))
  return JSON.parse(Buffer.from(encoded, 'base64url').toString()) as Jose.JWTPayload
}

function tokenOf(payload: Jose.JWTPayload): GenuineAccessToken {
  const { aud, scope } = payload
  const [id = '', grantId, proof] = String(payload.jti).split('.')
  const own = Object.keys(payload).filter((name) => !standard.has(name))
  const clientId = String(payload['client_id'])
  const scopeText = typeof scope === 'string' ? scope : ''
  const audience = Array.isArray(aud) ? aud : aud === undefined ? [] : [aud]
  const issuedAt = Number(payload.iat)
  const expiresAt = Number(payload.exp)
  const details = {
    subject: String(payload.sub),
    authTime: payload['auth_time'] as number | undefined,
    acr: payload['acr'] as string | undefined,
    amr: payload['amr'] as string[] | undefined,
    claims: own.length === 0 ? {} : Object.fromEntries(own.map((name) => [name, payload[name]])),
  }
  if (grantId === undefined || proof === undefined)
    return { id, clientId, scope: scopeText, audience, issuedAt, expiresAt, details }
  return { id, grantId, clientId, scope: scopeText, audience, issuedAt, expiresAt, proof, details }
}

// Loaded at the first JWT that comes: a server of opaque tokens never needs it. It has no CommonJS form, so that a
// CommonJS program whose loader cannot take that (Jest's, before Node 24.9) can use everything else.
let jose: Promise<typeof Jose> | undefined

function loadJose(): Promise<typeof Jose> {
  jose ??= import('jose').catch((error: unknown) => {
    jose = undefined
    throw error
  })
  return jose
}
