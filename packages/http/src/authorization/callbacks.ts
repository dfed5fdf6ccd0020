import type { AuthorizationRequest, SignIn } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a page of the app's own needs to post the user's decision back. */
export interface ConsentForm {
  /** Path for the form's `action`; its method is POST. */
  readonly action: string
  /**
   * Hidden fields, by name. They tie the decision to this request, this user and this browser, and are good for ten
   * minutes; nothing else is needed against forged posts.
   */
  readonly fields: Readonly<Record<string, string>>
}

export interface ConsentRequest extends AuthorizationRequest {
  /**
   * For a page of the app's own: a form with this action and these fields, and buttons `name="decision"` with the
   * values `approve` and `deny`. With one or more fields named `scope` the user can narrow what is granted to what
   * they hold; put an empty hidden one before checkboxes, so that none ticked means none.
   */
  readonly form: ConsentForm
}

/**
 * Says who is signed in. Called at every step of an authorization: when the request comes, again after the app's
 * login, and again when the consent form comes back.
 *
 * Give a {@link SignIn} if somebody is signed in: with `authTime` if you can, without which a client that asks for a recent
 * sign-in (`max_age`, `prompt=login`) is refused, and with `name` for the consent page. Give nothing after answering yourself,
 * usually with a redirect to your login page, which sends the browser to `request.returnTo` when it is done. With
 * `request.mustReauthenticate` a session is not enough: the user must sign in anew. With `prompt=none` no page may be shown:
 * give nothing and send nothing, and the client gets `login_required`.
 *
 * A callback that throws, or gives what is no sign-in, is answered with a 500 page (or goes to the app's error handlers,
 * see `passErrors`) and raises `request.failed`; an `OAuthError` is shown on the page with its own status. It may take its
 * time, for no timeout applies to it; `OAUTH_RATCHET_NO_ANSWER` warns when the browser has waited for longer than
 * `callbackTimeout`.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export type SignInCallback<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
  request: AuthorizationRequest,
) => SignInResult | Promise<SignInResult>

// `void` too, so that a callback may simply end after a redirect.
type SignInResult = SignIn | null | undefined | void

/**
 * What a consent callback may give:
 *
 * - `{ scope }`: granted, that much of what was asked for; space-separated or a list
 * - `'deny'`: refused; the client gets `access_denied`
 * - `'ask'`: show the built-in page; the answer comes to `onDecision`
 * - nothing: the callback has answered itself, or will, with a page whose form is made from `request.form`
 */
export type ConsentResult =
  { readonly scope: string | readonly string[] } | 'deny' | 'ask' | null | undefined | void

/**
 * Says whether the user agrees to what the client asks for. Called after `signIn`. When `request.prompt` has `consent`
 * the user must be asked, whatever is remembered; when it has `none` no page may be shown, and everything but a grant
 * or `'deny'` tells the client `consent_required`.
 *
 * Remembering a consent for a client that cannot prove who it is (a public one on a custom scheme or loopback) lets
 * another program on the device have it unseen (RFC 8252 §8.6); ask each time there.
 */
export type ConsentCallback<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
  request: ConsentRequest,
) => ConsentResult | Promise<ConsentResult>

/** What the user has chosen on a consent page. */
export type Decision = { readonly scope: readonly string[] } | 'deny'

/**
 * Called with a decision posted by the built-in page or by one of the app's own, before the browser is sent back to the
 * client: the place to remember it. Not called for what `consent` has decided itself.
 */
export type DecisionCallback<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
  request: AuthorizationRequest,
  decision: Decision,
) => void | Promise<void>
