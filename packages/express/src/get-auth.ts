import type { Auth } from '@oauth-ratchet/core'
import type { UserAuth } from '@oauth-ratchet/http'
import { authOfRequest } from '@oauth-ratchet/http/adapter'
import type { GetAuthOptions } from '@oauth-ratchet/http/adapter'
import { expressCaller } from './caller.js'

/**
 * Who the request's access token speaks for, as `requireToken` has found it. Typed without any augmentation of
 * Express's request, and independent of the guard's `property`.
 *
 * @param options `optional: true`: undefined, rather than an error, where there is none, as behind
 *   `requireToken(server, { optional: true })`. `subject: 'user'`: typed as speaking for a user, as behind
 *   `requireToken(server, { subject: 'user' })`
 * @throws ConfigurationError `express.no_auth` where no guard has run, or no token was shown to an optional one;
 *   `express.no_user` where a user was asked for, and the guard has let client credentials through;
 *   `express.unknown_option`
 */
export function getAuth(req: object): Auth
export function getAuth(req: object, options: { readonly subject: 'user' }): UserAuth
export function getAuth(req: object, options: { readonly optional: true }): Auth | undefined
export function getAuth(req: object, options: GetAuthOptions = {}): Auth | undefined {
  return authOfRequest(expressCaller, req, options)
}
