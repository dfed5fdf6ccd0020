import type { Auth, AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkOptionNames } from '../caller/check-option-names.js'
import { checkServer } from '../caller/check-server.js'

/** An administrator, by a session of the app's own. */
export interface AdminUser {
  /** Who it is, for `by` of the events: 1 to 255 characters, none of them a control character. */
  readonly by: string
}

/**
 * Says which administrator sends a request. Give nothing for anybody else: after answering yourself, or for a 401.
 */
export type AdminCallback<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
) => AdminResult | Promise<AdminResult>

type AdminResult = AdminUser | null | undefined | void

export interface AdminOptions<Req = IncomingMessage, Res = ServerResponse> {
  /**
   * The scope that an access token needs. One of its own, which you give to no client that is not for administrators.
   * Default `admin`. Without `admin` the server's `scopes` must have it; with `admin`, and without this scope among them, no
   * access token is taken.
   */
  readonly scope?: string | undefined
  /**
   * Whether the user that an access token speaks for is an administrator. A scope says what a client may do, and any user
   * can sign in to a client. Asked for each request, after the token and its scope were found good. Default: only tokens of
   * client credentials, which speak for no user, are taken.
   */
  readonly isAdmin?:
    ((auth: Auth & { readonly subject: string }, req: Req) => boolean | Promise<boolean>) | undefined
  /**
   * An administrator by the app's own session. Every write is then checked for where it comes from. Default: access tokens
   * only.
   */
  readonly admin?: AdminCallback<Req, Res> | undefined
}

const names = ['scope', 'isAdmin', 'admin']
export const defaultScope = 'admin'

/**
 * @param more options that only the caller has
 * @throws ConfigurationError for the first option that cannot work
 */
export function checkAdminOptions<Req, Res>(
  caller: Caller,
  server: AuthorizationServer,
  options: AdminOptions<Req, Res>,
  more: readonly string[] = [],
): void {
  const { maker } = caller
  checkServer(caller, maker, server)
  checkOptionNames(caller, maker, options, [...names, ...more])
  const { scope, isAdmin, admin } = options
  // There and undefined is a misspelt function: nobody would be asked who it is.
  if ('admin' in options && typeof admin !== 'function') {
    throw misuse(caller, 'admin', `${maker}: admin must be a function.`)
  }
  if (isAdmin !== undefined && typeof isAdmin !== 'function') {
    throw misuse(caller, 'is_admin', `${maker}: isAdmin must be a function.`)
  }
  if ('scope' in options && (typeof scope !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw misuse(caller, 'scope', `${maker}: scope must be the name of one scope.`)
  }
  const wanted = scope ?? defaultScope
  const wantsTokens = scope !== undefined || isAdmin !== undefined || admin === undefined
  if (wantsTokens && !server.settings.scopes.has(wanted)) {
    throw misuse(
      caller,
      'unknown_scope',
      `${maker}: the server's scopes do not have ${JSON.stringify(wanted)}, so that no access token can be shown here. ` +
        'Add it, or give admin for a session of your own.',
    )
  }
}
