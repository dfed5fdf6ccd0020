import { createHash } from 'node:crypto'
import type { Client } from '../clients/client.js'
import { CallbackError, OAuthError } from '../faults/errors.js'
import { callbackCall } from '../faults/callback-call.js'
import { grantedScope, scopeWithin } from '../grants/client-scope.js'
import type { TokenResponse } from '../grants/token-response.js'
import type { Origin } from '../http/origin.js'
import { describeGrant } from '../ratchet/describe-grant.js'
import type { Circumstances, GenuineToken } from '../ratchet/circumstances.js'
import { sharedFacts, unsealFacts } from '../ratchet/sealing.js'
import type { Facts } from '../ratchet/sealing.js'
import type { SeenFrom } from '../ratchet/seen.js'
import type { ServerParts } from '../server-parts.js'
import type { GrantRecord, Reseal } from '../storage/storage.js'

export interface RefreshRequest {
  readonly refreshToken: string | undefined
  /** Undefined asks for the whole scope of the grant. */
  readonly scope: readonly string[] | undefined
  /** The `Idempotency-Key` header: the same for a request and its retries, another for the next request. */
  readonly idempotencyKey: string | undefined
  readonly origin: Origin
  /** What the turn is to write of where the request comes from. */
  readonly seenFrom: SeenFrom | undefined
}

/** What must be known of the grant before the ratchet turns, and is then not asked again. */
interface Precomputed {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly reseal?: Reseal
}

/**
 * The refresh grant: one list of guards from top to bottom, and one storage call where nothing has to be known
 * beforehand. Whatever can be refused is refused before the turn, so that a refused refresh consumes nothing.
 *
 * Of N concurrent uses of one refresh token one turns; the others are `repeated` (same successor) within the
 * grace or with the same idempotency key, and otherwise end the grant.
 *
 * @throws OAuthError `invalid_request`, `invalid_grant`, `invalid_scope`
 * @throws StorageError, CallbackError: a 503 that consumed nothing
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
 */
export async function refreshTokenGrant(
  parts: ServerParts,
  client: Client,
  request: RefreshRequest,
): Promise<TokenResponse> {
  if (request.refreshToken === undefined) throw new OAuthError('invalid_request', 'refresh_token is missing.')
  const idempotencyKey = checkIdempotencyKey(request.idempotencyKey)

  const own = parts.ratchet.open('refresh_token', request.refreshToken, request.origin)
  const token =
    own ??
    (await parts.foreignTokens?.present(client, request.refreshToken, request.origin, request.seenFrom))
  if (token === undefined) throw invalidGrant()

  // The client's own registration is the most particular of the three; the server's option is the ratchet's default.
  const reuseGraceMs =
    client.reuseGraceMs ??
    (parts.cookieClients.has(client.id) ? parts.settings.cookieReuseGraceMs : undefined)
  const circumstances: Circumstances = {
    clientId: client.id,
    clientNotBefore: client.notBefore,
    limits: client.limits,
    keyHash: idempotencyKey === undefined ? undefined : hashIdempotencyKey(token.grantId, idempotencyKey),
    reuseGraceMs,
    observeReuseUntil: Math.max(client.observeReuseUntil, parts.settings.observeReuse(client.id)),
    origin: request.origin,
    seenFrom: request.seenFrom,
  }
  const precomputed = mustLookFirst(parts, request, token)
    ? await lookFirst(parts, client, request, token, circumstances)
    : undefined

  const outcome = await parts.ratchet.turn(token, circumstances, precomputed?.reseal)
  if (outcome.verdict !== 'turned' && outcome.verdict !== 'repeated') throw invalidGrant()

  const { grant } = outcome
  // Always those of the record that turned: the grant may have been narrowed since it was read first.
  const facts = sharedFacts(parts.ring, grant)
  // Sealed under a secret that is gone: nobody can say any more whose grant this is.
  if (facts === undefined) throw invalidGrant()

  // The refresh token keeps the grant's whole scope (RFC 6749 §6).
  const granted = grantedScope(parts.settings, client, facts.scope)
  const scope = request.scope?.filter((value) => granted.values.includes(value)).join(' ') ?? granted.text
  const at = outcome.verdict === 'turned' ? grant.turnedAt : parts.settings.now()
  // A foreign token is generation 1 and so turns once: that is when its grant begins for everybody else.
  const response =
    own === undefined && outcome.verdict === 'turned'
      ? await parts.issuer.begun(client, grant, facts, precomputed?.claims, request.origin, { scope })
      : parts.issuer.respond(client, grant, facts, scope, precomputed?.claims, at)
  announce(parts, outcome.verdict, grant, request.origin)
  return response
}

// Nothing is made for an event that nobody listens to.
function announce(
  parts: ServerParts,
  verdict: 'turned' | 'repeated',
  grant: GrantRecord,
  origin: Origin,
): void {
  const { events, ring, settings } = parts
  if (!events.has(`grant.${verdict}`)) return
  const { generation } = grant
  const members = { ...describeGrant(ring, grant), ...origin.describe(), generation }
  if (verdict === 'turned') events.emit('grant.turned', members)
  else events.emit('grant.repeated', { ...members, ageMs: Math.max(0, settings.now() - grant.turnedAt) })
}

function mustLookFirst(parts: ServerParts, request: RefreshRequest, token: GenuineToken): boolean {
  return (
    request.scope !== undefined ||
    !token.current ||
    parts.callbacks.isSubjectActive !== undefined ||
    parts.accessTokens.asksClaimsAtIssue
  )
}

async function lookFirst(
  parts: ServerParts,
  client: Client,
  request: RefreshRequest,
  token: GenuineToken,
  circumstances: Circumstances,
): Promise<Precomputed> {
  const { verdict, grant } = await parts.ratchet.inspect(token, circumstances)
  if (grant === undefined) throw invalidGrant()
  if (verdict !== 'turned' && verdict !== 'repeated' && verdict !== 'ahead') {
    if (verdict === 'reused') await parts.revoker.handleReuse(grant, token, circumstances)
    throw invalidGrant()
  }
  const facts = unsealFacts(parts.ring, grant)
  if (facts === undefined) throw invalidGrant()

  // Refused before anything is consumed (RFC 6749 §6).
  if (request.scope !== undefined) {
    const granted = grantedScope(parts.settings, client, facts.scope)
    scopeWithin(parts.settings, request.scope, granted.values, 'is not within the grant')
  }
  await assertSubjectActive(parts, grant, facts, request.origin)
  const claims = await parts.issuer.claimsAtIssue(grant, facts)
  return {
    ...(claims !== undefined && { claims }),
    ...(!token.current && { reseal: parts.ratchet.reseal(grant, facts) }),
  }
}

/**
 * Asks the app whether the subject may go on; if not, the grant ends.
 *
 * @throws OAuthError `invalid_grant`
 * @throws CallbackError when the app cannot say
 */
export async function assertSubjectActive(
  parts: ServerParts,
  grant: GrantRecord,
  facts: Facts,
  origin: Origin,
): Promise<void> {
  const { isSubjectActive } = parts.callbacks
  if (isSubjectActive === undefined) return
  const active: unknown = await callbackCall(parts.settings.callbackTimeoutMs, 'isSubjectActive', () =>
    isSubjectActive(facts.subject),
  )
  if (active === true) return
  // Ending a grant cannot be undone: only a plain no does it, and not what a forgotten `return` gives.
  if (active !== false) throw new CallbackError('isSubjectActive', 'must answer true or false')
  await parts.revoker.revoke(grant.id, 'subject_inactive', { origin })
  throw invalidGrant()
}

/** An opaque string; blank means none. */
function checkIdempotencyKey(key: string | undefined): string | undefined {
  const trimmed = key?.trim()
  if (trimmed === undefined || trimmed === '') return undefined
  if (Buffer.byteLength(trimmed) > 255) {
    throw new OAuthError('invalid_request', 'Idempotency-Key is longer than 255 bytes.')
  }
  // Of ASCII only: Node gives each byte of a header as one character, and bytes above it can be UTF-8.
  if (/[^\P{Cc}\u0080-\u009f]/u.test(trimmed)) {
    throw new OAuthError('invalid_request', 'Idempotency-Key has a control character.')
  }
  return trimmed
}

/** Not keyed with a secret, so that a retry which meets the next deployment's secrets is still known. */
function hashIdempotencyKey(grantId: string, key: string): string {
  return createHash('sha256').update(`${grantId}\n${key}`).digest().subarray(0, 16).toString('base64url')
}

/** One answer for everything that a presented token can be besides good. */
export function invalidGrant(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'The token is not valid: unknown, expired, revoked, already used, or not for this client.',
  )
}
