import { toPageError } from '../../faults/outages.js'
import { checkSignIn } from '../../grants/sign-in-facts.js'
import { offlineAccess } from '../../options/scopes.js'
import type { ServerParts } from '../../server-parts.js'
import { beginAuthorization } from './authorization-request.js'
import { grantAuthorization, refuseAuthorization } from './authorization-response.js'
import { openConsent, peekConsent, sealConsent } from './consent-form.js'
import { describeRequest } from './describe-request.js'
import { asksForLogin, isRecentEnough } from './reauthentication.js'

/**
 * The authorization endpoint as the steps between which the app signs the user in and asks for consent. A step throws
 * what belongs on a page; `toError` makes an `OAuthError` of it: 500 for a fault of the app's, 503 for an outage.
 */
export function authorizationEndpoint(parts: ServerParts) {
  return {
    begin: beginAuthorization.bind(undefined, parts),
    describe: describeRequest.bind(undefined, parts),
    asksForLogin,
    checkSignIn,
    isRecentEnough,
    grant: grantAuthorization.bind(undefined, parts),
    refuse: refuseAuthorization.bind(undefined, parts),
    sealConsent: sealConsent.bind(undefined, parts),
    openConsent: openConsent.bind(undefined, parts),
    peekConsent: peekConsent.bind(undefined, parts),
    /** What a scope means in the words that the app gave, for a consent page. */
    scopeDescription: (scope: string): string | undefined =>
      parts.settings.scopes.get(scope) ??
      (scope === offlineAccess ? 'Stay signed in while you are away' : undefined),
    toError: toPageError.bind(undefined, parts.events),
  }
}

export type AuthorizationEndpoint = ReturnType<typeof authorizationEndpoint>
