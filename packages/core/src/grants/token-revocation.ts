import type { AccessTokens } from '../access-tokens/access-tokens.js'
import { opaquePrefix } from '../access-tokens/opaque.js'
import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import type { Origin } from '../http/origin.js'
import type { Ratchet } from '../ratchet/ratchet.js'
import type { Revoker } from '../ratchet/revoker.js'
import type { ForeignTokens } from './foreign-tokens.js'
import { prefixOf } from '../ratchet/token-codec.js'

/** What revoking a token works with. */
export interface RevocationParts {
  readonly accessTokens: AccessTokens
  readonly ratchet: Ratchet
  readonly revoker: Revoker
  readonly foreignTokens: ForeignTokens | undefined
}

/**
 * Ends what a token stands for: a refresh token, current or spent, its whole grant (so that a log-out that raced a
 * refresh still logs out); an access token itself and the grant's other access tokens, not the refresh token.
 * Unknown, expired and already ended tokens are fine: they are as dead as they were meant to be.
 *
 * @param client who asks; undefined: the app itself, which may end any token
 * @throws OAuthError `invalid_grant` when the token is another client's and the asking client is confidential
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2.1
 */
export async function revokeToken(
  parts: RevocationParts,
  client: Client | undefined,
  text: string,
  origin: Origin,
): Promise<void> {
  // Our tokens say what they are, so a `token_type_hint` has nothing to add.
  if (text.startsWith(prefixOf.refresh_token)) return revokeRefreshToken(parts, client, text, origin)
  const isAccessToken = text.startsWith(opaquePrefix) || text.includes('.')
  // A foreign refresh token may be a JWT too: whose it is the signature says.
  if (isAccessToken && (await revokeAccessToken(parts, client, text, origin))) return
  await revokeForeignToken(parts, client, text, origin)
}

async function revokeRefreshToken(
  parts: RevocationParts,
  client: Client | undefined,
  text: string,
  origin: Origin,
): Promise<void> {
  const token = parts.ratchet.open('refresh_token', text, origin)
  if (token !== undefined) await revokeGrant(parts, client, token.grantId, origin)
}

async function revokeForeignToken(
  parts: RevocationParts,
  client: Client | undefined,
  text: string,
  origin: Origin,
): Promise<void> {
  const token = parts.foreignTokens?.open(client, text)
  if (token === undefined || (await revokeGrant(parts, client, token.grantId, origin))) return
  await parts.foreignTokens?.renounce(client, token, text, origin)
}

/** @returns whether there is such a grant */
async function revokeGrant(
  parts: RevocationParts,
  client: Client | undefined,
  grantId: string,
  origin: Origin,
): Promise<boolean> {
  const grant = await parts.ratchet.find(grantId)
  if (grant === undefined) return false
  // A tombstone is nobody's.
  if (grant.clientId === '') return true
  // Whose it is comes first: otherwise the answer would tell another client whether the grant has ended.
  if (!isFor(client, grant.clientId) || grant.revoked !== undefined) return true
  await parts.revoker.revoke(grant.id, 'token_revoked', {
    origin,
    by: client === undefined ? origin.by : `client:${client.id}`,
  })
  return true
}

/** @returns whether it is one of ours */
async function revokeAccessToken(
  parts: RevocationParts,
  client: Client | undefined,
  text: string,
  origin: Origin,
): Promise<boolean> {
  const token = await parts.accessTokens.open(text, origin)
  if (token === undefined) return false
  const active = isFor(client, token.clientId) ? await parts.accessTokens.checkOpened(token) : undefined
  if (active !== undefined) await parts.accessTokens.revoke(active.token, active.grant)
  return true
}

// A confidential client gets an error; a public one, which anybody can claim to be, gets the 200 of an unknown token.
function isFor(client: Client | undefined, owner: string): boolean {
  if (client === undefined || client.id === owner) return true
  if (client.authMethod === 'none') return false
  throw new OAuthError('invalid_grant', 'The token was not issued to this client.')
}
