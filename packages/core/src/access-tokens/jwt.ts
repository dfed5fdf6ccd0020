import type * as Jose from 'jose'
import type { AccessTokenContent, GenuineAccessToken, JwtDetails } from './claims.js'
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

/**
 * Verifies one of our own: signature under the key that its `kid` names and only with that key's algorithm, `typ`,
 * issuer. Undefined for anything else. Whether it has expired is for the caller, whose clock it is.
 */
export async function openJwt(
  keys: readonly SigningKey[],
  issuer: string,
  text: string,
): Promise<GenuineAccessToken | undefined> {
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
    const { iss: _, sub, aud, client_id, iat, exp, jti, scope, auth_time, acr, amr, ...claims } = payload
    const [id = '', grantId, proof] = String(jti).split('.')
    const content: AccessTokenContent = {
      id,
      clientId: String(client_id),
      scope: typeof scope === 'string' ? scope : '',
      audience: [aud ?? []].flat(),
      issuedAt: Number(iat),
      expiresAt: Number(exp),
    }
    const details = {
      subject: String(sub),
      authTime: auth_time as number | undefined,
      acr: acr as string | undefined,
      amr: amr as string[] | undefined,
      claims,
    }
    return { ...content, details, ...(grantId !== undefined && proof !== undefined && { grantId, proof }) }
  } catch {
    return undefined
  }
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
