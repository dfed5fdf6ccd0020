import type { Auth } from '@oauth-ratchet/core'
import { httpCaller } from './caller/caller.js'
import { authOfRequest } from './guard/auth-of-request.js'
import type { GetAuthOptions, UserAuth } from './guard/auth-of-request.js'

/**
 * Who the request's access token speaks for, as `requireToken` has found it, independent of the guard's `property`.
 *
 * @param req Node's request, the one that the guard was given
 * @param options `optional: true`: undefined, rather than an error, where there is none, as behind
 *   `requireToken(server, { optional: true })`. `subject: 'user'`: typed as speaking for a user, as behind
 *   `requireToken(server, { subject: 'user' })`
 * @throws ConfigurationError `http.no_auth` where no guard has run, or no token was shown to an optional one;
 *   `http.no_user` where a user was asked for, and the guard has let client credentials through; `http.unknown_option`
 */
export function getAuth(req: object): Auth
export function getAuth(req: object, options: { readonly subject: 'user' }): UserAuth
export function getAuth(req: object, options: { readonly optional: true }): Auth | undefined
export function getAuth(req: object, options: GetAuthOptions = {}): Auth | undefined {
  return authOfRequest(httpCaller, req, options)
}
