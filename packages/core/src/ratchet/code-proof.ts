import { createHash } from 'node:crypto'
import { sameText } from './same-text.js'

/** What an authorization code is bound to besides its client. */
export interface CodeBinding {
  /** The S256 challenge; absent when PKCE was not used. */
  readonly codeChallenge?: string
  readonly redirectUri: string
  /** Whether the authorization request named the redirect URI itself (RFC 6749 §4.1.3 then asks for it again). */
  readonly redirectUriSent: boolean
}

/** What a token request presents with the code. */
export interface PresentedBinding {
  readonly codeVerifier?: string
  readonly redirectUri?: string
}

/**
 * The binding as it is stored with the grant, for the grant's whole life: two SHA-256 hashes, so that the record
 * keeps its size, whatever the redirect URI, and tells nobody where the client lives.
 */
export function codeProofOf(binding: CodeBinding): string {
  const challenge = binding.codeChallenge === undefined ? '' : sha256(binding.codeChallenge)
  return `${challenge}.${sha256(binding.redirectUri)}.${binding.redirectUriSent ? 1 : 0}`
}

/**
 * Whether a token request presents what the code was bound to.
 *
 * PKCE: a verifier is needed where there was a challenge, and refused where there was none (the downgrade of
 * RFC 9700 §4.8.2). Redirect URI: enforced when sent; may be left out where PKCE was used (OAuth 2.1 §10.2),
 * otherwise needed if the authorization request had it (RFC 6749 §4.1.3).
 */
export function fitsCodeProof(codeProof: string, presented: PresentedBinding): boolean {
  const [challenge = '', redirectUri = '', sent = ''] = codeProof.split('.')
  const verifierFits =
    challenge === ''
      ? presented.codeVerifier === undefined
      : presented.codeVerifier !== undefined && sameText(challenge, sha256(s256(presented.codeVerifier)))
  const redirectUriFits =
    presented.redirectUri === undefined
      ? challenge !== '' || sent === '0'
      : sameText(redirectUri, sha256(presented.redirectUri))
  return verifierFits && redirectUriFits
}

/** The challenge of a verifier (RFC 7636 §4.2, method S256). */
export function s256(verifier: string): string {
  return sha256(verifier)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
