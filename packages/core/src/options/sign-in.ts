/** What the app knows of somebody who has just signed in. */
export interface SignIn {
  /** Who it is: an identifier that never changes and is never given to someone else. */
  readonly subject: string
  /**
   * What the user knows their account by (a name, an e-mail address), for the consent page only: never stored, and
   * given to no client. Of `signIn` only.
   */
  readonly name?: string | undefined
  /** Claims for `req.auth`, introspection and JWT access tokens. Names that RFC 9068 defines are refused. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /**
   * When the sign-in happened: a `Date`, an ISO 8601 string with a time zone (what JSON makes of a `Date`), or seconds
   * since the epoch. Milliseconds, as `Date.now()` gives them, are refused.
   */
  readonly authTime?: Date | string | number | undefined
  /** @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
  /** The app's own session, so that its end can end the grants made in it. Stored as a keyed hash. */
  readonly session?: string | undefined
  /** Shortens this grant's limits, in seconds. */
  readonly lifetimes?:
    { readonly idle?: number | undefined; readonly absolute?: number | undefined } | undefined
  /** The app's own notes on this grant. Not given to clients. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** What the user knows the device by ("Alice's phone"). Kept where the server's `sessions.keep` has `label`. */
  readonly label?: string | undefined
  /**
   * The `User-Agent` of the user's device, and the address that they sign in from. Kept where the server's `sessions.keep`
   * has them. Default: those of the request, where the user's own device has sent it: at the authorization endpoint, and
   * for a public client at the token endpoint. `grants.issue` knows no request: give `req.get('user-agent')`, `req.ip`.
   */
  readonly userAgent?: string | undefined
  readonly remoteAddress?: string | undefined
}
