/** What the app knows of somebody who has just signed in. */
export interface SignIn {
  /** Who it is: an identifier that never changes and is never given to someone else. */
  readonly subject: string
  /** Claims for `req.auth`, introspection and JWT access tokens. Names that RFC 9068 defines are refused. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** When the sign-in happened: a Date, or seconds since the epoch. */
  readonly authTime?: Date | number | undefined
  /** @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
  /** The app's own session, so that its end can end the grants made in it. Stored as a keyed hash. */
  readonly session?: string | undefined
  /** Shortens this grant's limits, in seconds. */
  readonly lifetimes?:
    { readonly idle?: number | undefined; readonly absolute?: number | undefined } | undefined
  /** The app's own notes on this grant: a device name, say. Not given to clients. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}
