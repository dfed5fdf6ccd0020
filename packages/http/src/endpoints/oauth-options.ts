import type { CorsPolicy } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConsentCallback, DecisionCallback, SignInCallback } from '../authorization/callbacks.js'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { checkOptionNames } from '../caller/check-option-names.js'
import type { PagesSource } from '../pages/pages-options.js'
import type { RefreshTokenCookieOptions } from '../refresh-token-cookie/refresh-token-cookie-options.js'

/** What the OAuth endpoints of an app can be given, whatever they are mounted in. */
export interface OAuthOptions<Req = IncomingMessage, Res = ServerResponse> {
  /**
   * Signs the user in. With it there is an authorization endpoint and the metadata tells of it; without it (the
   * default) there is none, which is right for apps that issue tokens from a login route of their own.
   */
  readonly signIn?: SignInCallback<Req, Res> | undefined
  /**
   * Asks the user. Default: the built-in page, every time, remembering nothing. Needs `signIn`.
   */
  readonly consent?: ConsentCallback<Req, Res> | undefined
  /** Called with what the user has decided on a consent page, before the browser is sent back to the client. */
  readonly onDecision?: DecisionCallback<Req, Res> | undefined
  /**
   * Texts, language, logo and style of the built-in pages, and an error page of the app's own; or a function of the
   * request that gives them, for several languages. Needs `signIn`.
   */
  readonly pages?: PagesSource<Req, Res> | undefined
  /**
   * Which pages may read the answers of token and revoke: `own` (default), those of the client's own origins; `*`, any
   * page, which a public client of unknown origin needs, and which lets every page that gets hold of a refresh token
   * use it from the user's browser. Those pages may also send credentials. Errors can be read by any
   * page either way. A token request of a page that may not read the answer, as its browser says (`Sec-Fetch-Site`), is
   * refused with 403 before a token is used up.
   */
  readonly cors?: CorsPolicy | undefined
  /**
   * Public clients whose refresh token is in an httpOnly cookie, out of reach of scripts, and not in token responses.
   * Their requests to token and revoke must come from a page of the issuer's origin or of the client's own (403 before a
   * token is used up), and use the cookie where the parameter is left out. An `invalid_grant` and a revocation clear it.
   * They have a grace of 10 s unless `reuseGrace` or the client's `reuse_grace` is set, since tabs share the cookie. Not
   * with `cors: '*'`. `sendTokens` does the same for a login route of the app's. Default: none.
   */
  readonly refreshTokenCookie?: RefreshTokenCookieOptions | undefined
  /**
   * True: what the authorization endpoint would show a page for with a status of 500 or above (a callback that threw, a
   * storage that cannot be reached) goes to the app's error handlers instead, by `next(error)`, so that they can report
   * it and show a page of their own: an `OAuthError` with `status`, `headers`, and what was thrown in its `cause`. Token,
   * revocation and introspection always answer in JSON, and where there is no `next` the page is shown. The event
   * `request.failed` is raised either way. Default false.
   */
  readonly passErrors?: boolean | undefined
}

/**
 * @param more options that only the caller has
 * @throws ConfigurationError for the first option that cannot work
 */
export function checkOAuthOptions<Req, Res>(
  caller: Caller,
  options: OAuthOptions<Req, Res>,
  more: readonly string[] = [],
): void {
  const known = ['signIn', 'consent', 'onDecision', 'pages', 'cors', 'passErrors', 'refreshTokenCookie']
  checkOptionNames(caller, caller.maker, options, [...known, ...more])
  const { signIn, consent, onDecision, pages, cors, passErrors } = options
  const callbacks = { signIn, consent, onDecision }
  const codes = { signIn: 'sign_in', consent: 'consent', onDecision: 'on_decision' } as const
  for (const name of ['signIn', 'consent', 'onDecision'] as const) {
    const callback: unknown = callbacks[name]
    if (callback === undefined) continue
    if (typeof callback !== 'function') {
      throw misuse(caller, codes[name], `${caller.maker}: ${name} must be a function.`)
    }
    if (signIn === undefined) {
      throw misuse(
        caller,
        codes[name],
        `${caller.maker}: ${name} is given without signIn, so that there is no authorization endpoint to use it.`,
      )
    }
  }
  if (pages !== undefined && signIn === undefined) {
    throw misuse(
      caller,
      'pages',
      `${caller.maker}: pages is given without signIn, so that there are no pages.`,
    )
  }
  if (cors !== undefined && cors !== 'own' && cors !== '*') {
    throw misuse(caller, 'cors', `${caller.maker}: cors must be 'own' or '*'.`)
  }
  if (passErrors !== undefined && typeof passErrors !== 'boolean') {
    throw misuse(caller, 'pass_errors', `${caller.maker}: passErrors must be true or false.`)
  }
  if (cors === '*' && options.refreshTokenCookie !== undefined) {
    throw misuse(
      caller,
      'cors',
      `${caller.maker}: cors '*' beside refreshTokenCookie would let any page act for whoever is signed in.`,
    )
  }
}
