import { hmacOnce } from '../ratchet/hmac.js'

/** What every access token says of itself, whatever its format. Times are seconds since the epoch. */
export interface AccessTokenContent {
  /** 128 random bits. */
  readonly id: string
  /** Absent for a client-credentials token. */
  readonly grantId?: string
  readonly clientId: string
  readonly scope: string
  readonly audience: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
}

/** An access token that proved itself, before its grant was looked at. */
export interface GenuineAccessToken extends AccessTokenContent {
  /** See {@link accessProof}; absent for a client-credentials token. */
  readonly proof?: string
  /** What the token itself says of its subject: of a JWT only. */
  readonly details?: JwtDetails
}

/** What a JWT access token says beyond what every access token says. */
export interface JwtDetails {
  readonly subject: string
  readonly authTime?: number | undefined
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * What binds an access token to its grant's access nonce: an HMAC over its content under the nonce. The nonce
 * itself never leaves the store, so that neither the secret alone, nor the secret and another access token of the
 * grant, is enough to make one.
 *
 * @param text what {@link proofText} makes of the content, where the caller has it
 */
export function accessProof(
  accessNonce: string,
  content: AccessTokenContent,
  text = proofText(content),
): string {
  return hmacOnce(Buffer.from(accessNonce, 'base64url'), text).toString('base64url', 0, 16)
}

/** What an {@link accessProof} is over: a list in JSON. */
export function proofText({
  id,
  grantId,
  clientId,
  scope,
  audience,
  issuedAt,
  expiresAt,
}: AccessTokenContent): string {
  return JSON.stringify([id, grantId, clientId, scope, audience, issuedAt, expiresAt])
}

/** The part of {@link proofText} that all tokens of a client with one scope have in common. */
export function commonText({
  clientId,
  scope,
  audience,
}: Pick<AccessTokenContent, 'clientId' | 'scope' | 'audience'>): string {
  return JSON.stringify([clientId, scope, audience]).slice(1, -1)
}

/** The same as {@link proofText}, put together from {@link commonText}. Ids of ours are of characters that JSON writes as they are. */
export function proofTextWith(
  common: string,
  { id, grantId, issuedAt, expiresAt }: AccessTokenContent,
): string {
  return `["${id}","${grantId}",${common},${issuedAt},${expiresAt}]`
}

/** Names that an app's own claims must not use: RFC 9068 §2.2, RFC 7662 §2.2, our `grant_id`, and what sender constraint will need. */
const reserved = new Set([
  'active',
  'acr',
  'amr',
  'aud',
  'auth_time',
  'client_id',
  'cnf',
  'exp',
  'grant_id',
  'iat',
  'iss',
  'jti',
  'nbf',
  'scope',
  'sub',
  'token_type',
  'username',
  'authorization_expires_in',
  'refresh_token_timeout',
])

/** Whether a claim is the server's own, and none of the app's. */
export function isReservedClaim(name: string): boolean {
  return reserved.has(name)
}

/** @throws TypeError naming a claim that an app cannot set */
export function assertOwnClaims(claims: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(claims)) {
    if (reserved.has(name)) {
      throw new TypeError(`The claim ${name} is the server's own (RFC 9068 §2.2): give yours another name.`)
    }
  }
}
