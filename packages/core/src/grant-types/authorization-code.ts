import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import type { Origin } from '../http/origin.js'
import type { Parameters } from '../http/parameters.js'
import type { Circumstances, GenuineToken } from '../ratchet/circumstances.js'
import { unsealFacts } from '../ratchet/sealing.js'
import type { Facts } from '../ratchet/sealing.js'
import type { SeenFrom } from '../ratchet/seen.js'
import type { ServerParts } from '../server-parts.js'
import type { GrantRecord, Reseal } from '../storage/storage.js'
import { assertSubjectActive } from './refresh-token.js'

/** An authorization code that has passed every check and is not yet spent. */
export interface CheckedCode {
  readonly token: GenuineToken
  readonly circumstances: Circumstances
  readonly facts: Facts
  readonly claims: Readonly<Record<string, unknown>> | undefined
  readonly reseal: Reseal | undefined
}

/**
 * Checks a code with all its proofs, consuming nothing: a wrong verifier, redirect URI or client neither spends
 * nor ends anything. A code that was redeemed before and comes with all its proofs right ends its grant.
 *
 * @throws OAuthError `invalid_request` for a missing or malformed parameter, `invalid_grant` for everything else
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6
 */
export async function checkCode(
  parts: ServerParts,
  client: Client,
  parameters: Parameters,
  origin: Origin,
  seenFrom?: SeenFrom,
): Promise<CheckedCode> {
  const code = parameters.get('code')
  if (code === undefined) throw new OAuthError('invalid_request', 'code is missing.')
  const codeVerifier = parameters.get('code_verifier')
  if (codeVerifier !== undefined && !/^[\w.~-]{43,128}$/.test(codeVerifier)) {
    throw new OAuthError(
      'invalid_request',
      'code_verifier must be 43 to 128 unreserved characters (RFC 7636 section 4.1).',
    )
  }
  // An error of its own, other than a wrong one's, only where no code can go without: then it says nothing about this code.
  if (
    codeVerifier === undefined &&
    (parts.settings.requirePkce === 'always' || client.authMethod === 'none')
  ) {
    throw new OAuthError('invalid_request', 'code_verifier is missing (RFC 7636 section 4.5).')
  }
  const token = parts.ratchet.open('authorization_code', code, origin)
  if (token === undefined) throw invalidCode()

  const redirectUri = parameters.get('redirect_uri')
  const circumstances: Circumstances = {
    clientId: client.id,
    clientNotBefore: client.notBefore,
    limits: client.limits,
    binding: {
      ...(codeVerifier !== undefined && { codeVerifier }),
      ...(redirectUri !== undefined && { redirectUri }),
    },
    seenFrom,
    origin,
  }
  const { verdict, grant } = await parts.ratchet.inspect(token, circumstances)
  if (grant === undefined) throw invalidCode()
  if (verdict !== 'turned') {
    if (verdict === 'reused') await parts.revoker.handleReuse(grant, token, circumstances)
    throw invalidCode()
  }
  const facts = unsealFacts(parts.ring, grant)
  if (facts === undefined) throw invalidCode()
  await assertSubjectActive(parts, grant, facts, origin)
  await parts.issuer.assertNotSignedOut(grant, facts)
  await parts.issuer.assertRoom(client, facts.subject)
  return {
    token,
    circumstances,
    facts,
    claims: await parts.issuer.claimsAtIssue(grant, facts),
    reseal: token.current ? undefined : parts.ratchet.reseal(grant, facts),
  }
}

/** A spent code's grant, as it stands after the turn. */
export interface RedeemedCode {
  readonly grant: GrantRecord
  readonly facts: Facts
}

/** Spends a checked code: generation 0 turns to 1. Undefined when somebody else was first; the grant is then over. */
export async function redeemCode(parts: ServerParts, code: CheckedCode): Promise<RedeemedCode | undefined> {
  const outcome = await parts.ratchet.turn(code.token, code.circumstances, code.reseal)
  if (outcome.verdict !== 'turned') return undefined
  const { grant } = outcome
  // Not those that were read before the turn: the grant may have been updated in between.
  return { grant, facts: unsealFacts(parts.ring, grant) ?? code.facts }
}

/** One answer for everything that a code can be besides good. */
function invalidCode(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'The code is not valid: unknown, expired, already used, or not for this client, code_verifier or redirect_uri.',
  )
}
