import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWK } from 'jose'
import { answer, issuer } from './test-server.js'
import type { TestServer } from './test-server.js'

/** The published keys. */
export async function jwksOf(at: TestServer): Promise<JSONWebKeySet> {
  return (await answer(at.server.endpoints.jwks())).body as unknown as JSONWebKeySet
}

/** A fresh private key, as an app configures it. */
export async function privateJwk(alg: string, kid?: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, ...(kid !== undefined && { kid }) }
}

/** Verifies as a resource server would that has nothing but the published keys. */
export async function verified(at: TestServer, token: string) {
  return jwtVerify(token, createLocalJWKSet(await jwksOf(at)), {
    issuer,
    audience: issuer,
    typ: 'at+jwt',
    currentDate: new Date(at.clock.now()),
  })
}
