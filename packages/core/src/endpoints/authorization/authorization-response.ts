import { isOAuthError, OAuthError } from '../../faults/errors.js'
import type { OAuthErrorCode } from '../../faults/errors.js'
import { json } from '../../http/message.js'
import type { EndpointRequest, EndpointResponse } from '../../http/message.js'
import type { SignIn } from '../../options/sign-in.js'
import { runAuthorizationRequest } from '../../protocol/oauth2-server.js'
import type { ServerParts } from '../../server-parts.js'
import { seenFromOf } from '../seen-from.js'
import type { PendingAuthorization } from './pending-authorization.js'
import { isRecentEnough } from './reauthentication.js'

/**
 * Gives the client its code. The scope is what the user consented to, within what was asked for. A sign-in that is not
 * recent enough for the request is `login_required`, whichever way the consent came.
 *
 * @param request of the user's browser, for what `sessions.keep` keeps of it
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export async function grantAuthorization(
  parts: ServerParts,
  pending: PendingAuthorization,
  signIn: SignIn,
  scope: readonly string[],
  request?: Pick<EndpointRequest, 'headers' | 'remoteAddress'>,
): Promise<EndpointResponse> {
  parts.maintenance.assertOff()
  if (!isRecentEnough(pending, signIn)) return refuseAuthorization(parts, pending, 'login_required')
  const granted = pending.scope.filter((value) => scope.includes(value))
  // A response without a scope would say that all of what was asked for was granted (RFC 6749 §5.1).
  if (granted.length === 0 && pending.scope.length > 0)
    return refuseAuthorization(parts, pending, 'access_denied')
  const context = {
    client: pending.client,
    signIn,
    scope: granted,
    binding: {
      redirectUri: pending.redirectUri,
      redirectUriSent: pending.redirectUriSent,
      ...(pending.codeChallenge !== undefined && { codeChallenge: pending.codeChallenge }),
    },
    seenFrom: request && seenFromOf(parts.settings, request),
  }
  try {
    return redirect(parts, pending, [['code', await runAuthorizationRequest(parts, context)]])
  } catch (error) {
    // Refused with a reason that is for the client to know: as many grants as may be, or a login that was signed out.
    if (!isOAuthError(error) || !(error.code === 'access_denied' || error.code === 'login_required'))
      throw error
    return refuseAuthorization(parts, pending, error)
  }
}

/** Tells the client by redirect what went wrong (RFC 6749 §4.1.2.1). */
export function refuseAuthorization(
  parts: ServerParts,
  pending: PendingAuthorization,
  error: OAuthError | OAuthErrorCode,
): EndpointResponse {
  const refusal =
    error instanceof OAuthError ? error : new OAuthError(error, refusals[error] ?? 'The request was refused.')
  return redirect(parts, pending, [
    ['error', refusal.code],
    ['error_description', refusal.message],
  ])
}

const refusals: Partial<Record<OAuthErrorCode, string>> = {
  access_denied: 'The user said no.',
  login_required: 'The user is not signed in, or not recently enough.',
  consent_required: 'The user has not consented yet.',
}

// 303, so that a browser never sends a password form on to the client (RFC 9700 §4.12). The registered URI's own
// query stays as it is (RFC 6749 §3.1.2); `state` goes back byte for byte.
function redirect(
  parts: ServerParts,
  pending: PendingAuthorization,
  result: readonly [string, string][],
): EndpointResponse {
  const pairs = [
    ...result,
    ...(pending.state === undefined ? [] : [['state', pending.state]]),
    ['iss', parts.settings.issuer],
  ]
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`).join('&')
  const { redirectUri } = pending
  const joint = redirectUri.includes('?') ? (/[?&]$/.test(redirectUri) ? '' : '&') : '?'
  const { 'content-type': _, ...headers } = json(303, '').headers
  return {
    status: 303,
    headers: { ...headers, location: `${redirectUri}${joint}${query}`, 'referrer-policy': 'no-referrer' },
    body: '',
  }
}
