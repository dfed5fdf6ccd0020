import type { SignIn } from './sign-in.js'

/**
 * What the app knows of a refresh token that it has given out before: whose session it is, as a sign-in says it. What is left
 * out is as at a sign-in.
 */
export interface ForeignSession extends Omit<SignIn, 'name'> {
  /**
   * Space-separated or a list. What the client may not have any more is left out. Default: the client's registered scope;
   * a session that is to have no scope gives `''`.
   */
  readonly scope?: string | readonly string[] | undefined
  /**
   * When the token expires where it comes from: a `Date`, an ISO 8601 string with a time zone, or seconds since the epoch. An
   * expired one is refused, and until then it is remembered that this one was imported. Of a token that never expires, give a
   * date behind `until`. It does not limit the grant: `lifetimes` does.
   */
  readonly expiresAt: Date | string | number
  /**
   * What the token is known by, whatever its spelling: the id of its row, the `jti` of a JWT. Of one id one token is
   * imported. Needed where two texts can find the same session: a JWT that is verified, a column that ignores case. Left
   * out: each text is a token of its own.
   */
  readonly id?: string | number | bigint | undefined
}

/** Lets sessions go on that were begun before the app came to this server: `refreshToken.importToken`. */
export interface ImportTokenOptions {
  /** The `client_id`s whose refresh tokens are taken. */
  readonly clients: readonly string[]
  /** From then on none is imported: a Date, or seconds since the epoch; at most 400 days ahead. */
  readonly until: Date | number
  /**
   * Finds the session of a refresh token that is not ours: one that is good now, and this client's; undefined or null when there
   * is none. It changes nothing: it may be called several times for one token, and its answer may get lost. What it
   * throws, and that it takes longer than `callbackTimeout`, is a 503 that consumes nothing.
   */
  readonly find: (
    token: string,
    clientId: string,
  ) => Promise<ForeignSession | null | undefined> | ForeignSession | null | undefined
}
