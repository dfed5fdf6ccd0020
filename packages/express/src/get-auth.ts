import { ConfigurationError } from '@oauth-ratchet/core'
import type { Auth } from '@oauth-ratchet/core'
import { checkOptionNames } from './check-server.js'

/** The {@link Auth} of a token that speaks for a user: it has a grant. */
export type UserAuth = Auth & { readonly subject: string; readonly grantId: string }

// On the request, and registered, so that an app with both the ESM and the CommonJS copy of this package has one.
const authOfRequest = Symbol.for('@oauth-ratchet/express:auth')

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
export function getAuth(
  req: object,
  options: { readonly optional?: true; readonly subject?: 'user' } = {},
): Auth | undefined {
  checkOptionNames('getAuth', options, ['optional', 'subject'])
  const auth = (req as { [authOfRequest]?: Auth })[authOfRequest]
  if (auth !== undefined && options.subject === 'user' && auth.subject === undefined) {
    throw new ConfigurationError(
      'express.no_user',
      "getAuth: the access token speaks for no user. Guard the route with requireToken(server, { subject: 'user' }).",
    )
  }
  if (auth !== undefined || options.optional === true) return auth
  throw new ConfigurationError(
    'express.no_auth',
    'getAuth: nobody has been authenticated for this request. Put requireToken(server) before the handler; ' +
      'behind { optional: true } ask with getAuth(req, { optional: true }).',
  )
}

export function setAuth(req: object, auth: Auth): void {
  Object.assign(req, { [authOfRequest]: auth })
}
