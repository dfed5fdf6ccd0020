/** Which clients have their refresh token in a cookie, and what the cookie is like. */
export interface RefreshTokenCookieOptions {
  /** Public clients, by `client_id`. */
  readonly clients: readonly string[]
  /**
   * The cookie's path. Default: that of the endpoints (the path of `issuer` with `basePath`), so that no other request
   * carries it. With `/` its name begins with `__Host-`, which no sibling host can set, and every request to the host has it.
   */
  readonly path?: string | undefined
  /**
   * Default `strict`. `none` is for pages of another site than the issuer's, whose origin the client must name; browsers
   * that block third-party cookies do not keep it.
   */
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined
}
