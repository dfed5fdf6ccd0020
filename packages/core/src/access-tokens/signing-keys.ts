import { createECDH, createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { ConfigurationError } from '../faults/errors.js'
import type { Jwk } from '../options/jwk.js'
import type { Keys } from '../ratchet/secrets.js'

/** A key that signs access tokens, and the public half that the JWKS shows. */
export interface SigningKey {
  readonly kid: string
  readonly alg: 'ES256' | 'RS256' | 'EdDSA'
  readonly publicJwk: Jwk
  readonly publicKey: KeyObject
  /** The header of a JWT that it signs, as it stands in the token (RFC 9068 §2.1). */
  readonly header: string
  sign(data: string): Buffer
}

/**
 * The keys that the app gives as private JWKs.
 *
 * @throws ConfigurationError for a JWK that is no private ES256, RS256 or EdDSA key
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
export function givenSigningKeys(jwks: readonly Jwk[]): SigningKey[] {
  if (!Array.isArray(jwks)) {
    throw new ConfigurationError(
      'accessToken.signingKeys',
      'accessToken.signingKeys must be a list of private JWKs.',
    )
  }
  return jwks.map(signingKeyOf)
}

/**
 * One ES256 key derived from each secret, so that every process has the same and none is stored. Guesses at a secret can
 * be tried offline on its public key, so that it is published only where it is used.
 */
export function derivedSigningKeys(keys: readonly Keys[]): SigningKey[] {
  return keys.map((one) => deriveEs256(one.signingSeed)).map(signingKeyOf)
}

function signingKeyOf(jwk: Jwk | null | undefined, index: number): SigningKey {
  const alg = algorithmOf(jwk ?? {})
  if (alg === undefined || typeof jwk?.d !== 'string') {
    throw new ConfigurationError(
      'accessToken.signingKeys',
      `accessToken.signingKeys[${index}] must be a private JWK for ES256, RS256 or EdDSA.`,
    )
  }
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey({ key: jwk as Record<string, unknown>, format: 'jwk' })
  } catch (cause) {
    throw new ConfigurationError(
      'accessToken.signingKeys',
      `accessToken.signingKeys[${index}] is damaged: ${String(cause)}`,
    )
  }
  const publicKey = createPublicKey(privateKey)
  // RFC 7518 §3.3; verifiers refuse what is shorter.
  if (alg === 'RS256' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new ConfigurationError(
      'accessToken.signingKeys',
      `accessToken.signingKeys[${index}] is an RSA key of fewer than 2048 bits.`,
    )
  }
  const hash = alg === 'EdDSA' ? null : 'sha256'
  const probe = Buffer.from('probe')
  // Node takes the public half from the JWK as it is written, and would sign what nobody can verify.
  if (!verify(hash, probe, publicKey, sign(hash, probe, privateKey))) {
    throw new ConfigurationError(
      'accessToken.signingKeys',
      `accessToken.signingKeys[${index}] is damaged: its private and public halves do not belong together.`,
    )
  }
  const bare = publicKey.export({ format: 'jwk' }) as Jwk
  const kid = jwk.kid ?? thumbprintOf(bare)
  return {
    kid,
    alg,
    publicJwk: { ...bare, kid, alg, use: 'sig' },
    publicKey,
    header: Buffer.from(JSON.stringify({ typ: 'at+jwt', alg, kid })).toString('base64url'),
    sign: (data) => {
      const signature = sign(hash, Buffer.from(data), privateKey)
      return alg === 'ES256' ? joseSignature(signature) : signature
    },
  }
}

/**
 * A signature of ES256 as JWS has it, two numbers of 32 bytes side by side (RFC 7518 §3.4), of the DER that Node makes: a
 * sequence of two integers, all shorter than 128 bytes. Node can do so itself, but from 24 on takes twice as long to sign where the key
 * comes within an object of options.
 */
export function joseSignature(der: Buffer): Buffer {
  const signature = Buffer.alloc(64)
  const firstEnd = 4 + der.readUInt8(3)
  placeNumber(der.subarray(4, firstEnd), signature, 32)
  placeNumber(der.subarray(firstEnd + 2, firstEnd + 2 + der.readUInt8(firstEnd + 1)), signature, 64)
  return signature
}

/** Puts the last 32 bytes of a number before `end`; one more there can only be the zero of its sign. */
function placeNumber(number: Buffer, signature: Buffer, end: number): void {
  const bytes = number.subarray(-32)
  signature.set(bytes, end - bytes.length)
}

/** @see https://www.rfc-editor.org/rfc/rfc7638#section-3 */
function thumbprintOf({ crv, e, kty, n, x, y }: Jwk): string {
  // The members that the key's type requires, in the order of their names; those it does not have are left out.
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url')
}

function algorithmOf(jwk: Jwk): SigningKey['alg'] | undefined {
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ES256'
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return 'EdDSA'
  return jwk.kty === 'RSA' && (jwk.alg === undefined || jwk.alg === 'RS256') ? 'RS256' : undefined
}

const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

// 48 bytes reduced modulo the order: the bias is below 2^-128 (FIPS 186-5 A.2.1).
function deriveEs256(seed: Buffer): Jwk {
  const scalar = (BigInt(`0x${seed.toString('hex')}`) % (p256Order - 1n)) + 1n
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(d)
  const point = curve.getPublicKey()
  return {
    kty: 'EC',
    crv: 'P-256',
    x: point.toString('base64url', 1, 33),
    y: point.toString('base64url', 33, 65),
    d: d.toString('base64url'),
  }
}
