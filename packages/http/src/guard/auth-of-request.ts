import type { Auth } from '@oauth-ratchet/core'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkOptionNames } from '../caller/check-option-names.js'

/** The {@link Auth} of a token that speaks for a user: it has a grant. */
export type UserAuth = Auth & { readonly subject: string; readonly grantId: string }

// On the request, and registered, so that an app with both the ESM and the CommonJS copy of this package has one.
const key = Symbol.for('@oauth-ratchet/http:auth')

/** What `getAuth` may be asked for. */
export interface GetAuthOptions {
  readonly optional?: true
  readonly subject?: 'user'
}

/**
 * Who the request's access token speaks for, as the guard has found it.
 *
 * @throws ConfigurationError `no_auth`, `no_user`, `unknown_option`, with the beginning of the caller's codes
 */
export function authOfRequest(caller: Caller, req: object, options: GetAuthOptions): Auth | undefined {
  checkOptionNames(caller, 'getAuth', options, ['optional', 'subject'])
  const auth = (req as { [key]?: Auth })[key]
  if (auth !== undefined && options.subject === 'user' && auth.subject === undefined) {
    throw misuse(
      caller,
      'no_user',
      "getAuth: the access token speaks for no user. Guard the route with requireToken(server, { subject: 'user' }).",
    )
  }
  if (auth !== undefined || options.optional === true) return auth
  throw misuse(
    caller,
    'no_auth',
    'getAuth: nobody has been authenticated for this request. Put requireToken(server) before the handler; ' +
      'behind { optional: true } ask with getAuth(req, { optional: true }).',
  )
}

/** Puts it there for {@link authOfRequest}. */
export function setAuth(req: object, auth: Auth): void {
  ;(req as { [key]?: Auth })[key] = auth
}
