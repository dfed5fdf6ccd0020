import { TokenVerifier } from './verifier/token-verifier.js'
import type { TokenVerifierOptions } from './verifier/token-verifier-options.js'

/**
 * Makes what `requireToken` checks tokens with in a process of its own, beside no authorization server:
 *
 * ```ts
 * const verifier = createTokenVerifier({ issuer: 'https://auth.example.com', audience: 'https://api.example.com' })
 * const guard = requireToken(verifier, { scope: 'notes:read' })
 * ```
 *
 * JWTs (RFC 9068) are verified under the keys of the server's JWKS, opaque tokens by introspection (RFC 7662), which the
 * option of that name makes possible. The endpoints come from the server's metadata (RFC 8414) and are of the issuer's
 * origin. Keys are kept for ten minutes, in an outage for a day, and looked for again when a token names another one, at
 * most every ten seconds. Concurrent requests share one call. What cannot be a token costs none.
 *
 * @throws ConfigurationError `issuer.invalid`, `issuer.insecure`, `allowInsecureIssuer.invalid`,
 *   `verifier.unknown_option`, and `verifier.` with the name of an option that cannot work
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  return new TokenVerifier(options)
}
