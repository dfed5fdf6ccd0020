import type * as Jose from 'jose'
import type { Fetched } from './fetched.js'
import { IssuerError } from './issuer-error.js'
import type { VerifierSettings } from './token-verifier-options.js'

/** Finds the key for a token's header; rejects with jose's `JWKSNoMatchingKey` where there is none. */
export type KeySet = ReturnType<typeof Jose.createLocalJWKSet>

/** Signatures by a public key only; `none` and HMACs never. */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519']

/**
 * Verifies JWT access tokens under the keys that the issuer publishes.
 *
 * @returns the payload; undefined for a token that is not good
 * @throws IssuerError where the keys cannot be had
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
export async function verifyJwt(
  keys: Fetched<KeySet>,
  { issuer, clockToleranceMs, now }: Pick<VerifierSettings, 'issuer' | 'clockToleranceMs' | 'now'>,
  token: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { decodeJwt, decodeProtectedHeader, jwtVerify } = await loadJose()
  try {
    const { typ, alg } = decodeProtectedHeader(token)
    // Before any key is looked for, since that may be a request.
    if (!/^(?:application\/)?at\+jwt$/i.test(String(typ)) || !algorithms.includes(String(alg)))
      return undefined
    if (decodeJwt(token).iss !== issuer) return undefined
    const { payload } = await jwtVerify(token, (header, jws) => findKey(keys, header, jws), {
      algorithms,
      issuer,
      typ: 'at+jwt',
      currentDate: new Date(now()),
      clockTolerance: clockToleranceMs / 1000,
      requiredClaims: ['sub', 'aud', 'client_id', 'iat', 'exp', 'jti'],
    })
    return payload
  } catch (error) {
    if (error instanceof IssuerError) throw error
    return undefined
  }
}

/** A key set of a JWKS; keys that cannot be used for signatures are found by no token. */
export async function keySetOf(jwks: Readonly<Record<string, unknown>> | undefined): Promise<KeySet> {
  const { createLocalJWKSet } = await loadJose()
  return createLocalJWKSet((jwks ?? { keys: [] }) as unknown as Jose.JSONWebKeySet)
}

// A key that is not there may have been published since.
async function findKey(
  keys: Fetched<KeySet>,
  header: Jose.JWTHeaderParameters,
  jws: Jose.FlattenedJWSInput,
): Promise<Jose.CryptoKey> {
  const known = await keys.get()
  try {
    return await known(header, jws)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_JWKS_NO_MATCHING_KEY') throw error
    const newer = await keys.getAgain()
    if (newer === undefined) throw error
    return newer(header, jws)
  }
}

// Loaded at the first JWT, as in the core: it has no CommonJS form.
let jose: Promise<typeof Jose> | undefined

function loadJose(): Promise<typeof Jose> {
  jose ??= import('jose').catch((error: unknown) => {
    jose = undefined
    throw error
  })
  return jose
}
