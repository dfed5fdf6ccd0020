import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkOptionNames } from '../caller/check-option-names.js'
import { checkServer } from '../caller/check-server.js'
import type { PagesSource } from '../pages/pages-options.js'

/** Who is signed in to the app, by a session of its own. */
export interface SessionsUser {
  readonly subject: string
  /** The app's session, as it was given at sign-in: grants that were made in it are shown as this one. */
  readonly session?: string | undefined
  /** The grant that this browser uses, where the app knows it and not a session. */
  readonly grantId?: string | undefined
  /** What the user knows their account by, for the page. */
  readonly name?: string | undefined
}

/**
 * Says who is signed in. Give nothing after answering yourself, with a redirect to your login page, say; with nothing
 * given and nothing sent the answer is a 401.
 */
export type SessionsUserCallback<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
) => SessionsUserResult | Promise<SessionsUserResult>

type SessionsUserResult = SessionsUser | null | undefined | void

export interface SessionsOptions<Req = IncomingMessage, Res = ServerResponse> {
  /**
   * The scope that an access token needs. One of its own, which you give to no client that may not sign its user out
   * elsewhere. Default `sessions`. Without `user` the server's `scopes` must have it; with `user`, and without this scope
   * among them, no access token is taken.
   */
  readonly scope?: string | undefined
  /**
   * The app's own session. With it there is a page as well, and a browser needs no access token; every write is then
   * checked for where it comes from. Default: access tokens only.
   */
  readonly user?: SessionsUserCallback<Req, Res> | undefined
  /** Texts, language, logo and style of the page, as for the consent page. Needs `user`. */
  readonly pages?: PagesSource<Req, Res> | undefined
  /** A device in words, from its `User-Agent`. Nothing: the built-in words, for the common browsers. */
  readonly describeDevice?: ((userAgent: string) => string | undefined) | undefined
}

const names = ['scope', 'user', 'pages', 'describeDevice']
export const defaultScope = 'sessions'

/**
 * @param more options that only the caller has
 * @throws ConfigurationError for the first option that cannot work
 */
export function checkSessionsOptions<Req, Res>(
  caller: Caller,
  server: AuthorizationServer,
  options: SessionsOptions<Req, Res>,
  more: readonly string[] = [],
): void {
  const { maker } = caller
  checkServer(caller, maker, server)
  checkOptionNames(caller, maker, options, [...names, ...more])
  const { scope, user, pages, describeDevice } = options
  for (const [name, callback] of Object.entries({ user, describeDevice })) {
    if (callback !== undefined && typeof callback !== 'function') {
      const code = name === 'user' ? 'user' : 'describe_device'
      throw misuse(caller, code, `${maker}: ${name} must be a function.`)
    }
  }
  if (pages !== undefined && user === undefined) {
    throw misuse(caller, 'pages', `${maker}: pages is given without user, so that there is no page.`)
  }
  if ('scope' in options && (typeof scope !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw misuse(caller, 'scope', `${maker}: scope must be the name of one scope.`)
  }
  const wanted = scope ?? defaultScope
  if ((scope !== undefined || user === undefined) && !server.settings.scopes.has(wanted)) {
    throw misuse(
      caller,
      'unknown_scope',
      `${maker}: the server's scopes do not have ${JSON.stringify(wanted)}, so that no access token can be shown here. ` +
        'Add it, or give user for a session of your own.',
    )
  }
}
