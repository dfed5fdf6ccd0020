/** What a client knows of the server that gave it its tokens: enough to refresh without discovery. */
export interface KnownServer {
  readonly token: string
  readonly revoke?: string
  /** Its metadata says `idempotency_key_supported`. */
  readonly keys?: boolean
}

/** A session as it is kept. Immutable; a refresh makes a new one, whose `turn` is one higher. */
export interface SessionState {
  /** Random id of the sign-in, the same in every tab. */
  readonly id: string
  readonly turn: number
  /** Empty where it is not kept (cookie mode, another tab's). */
  readonly accessToken: string
  /**
   * Empty where it is in the cookie, also for a page that is not in cookie mode itself: it was open when the app moved to the
   * cookie. A page in cookie mode sends one that was there before as the parameter, once.
   */
  readonly refreshToken?: string | undefined
  /** The `Idempotency-Key` of every attempt to use this refresh token. Random, and never sent with another one. */
  readonly key: string
  /** The access token's end by the server's clock, ms since the epoch. */
  readonly expiresAt: number
  /** Milliseconds that the access token was given for; 0 before a session that is only looked for has any. */
  readonly lifetime: number
  /** The server's clock minus the device's in ms, when the tokens came. */
  readonly clockOffset: number
  /** The refresh token's end by the server's clock, where the server says. */
  readonly refreshExpiresAt?: number | undefined
  readonly scope?: string | undefined
  /** Cookie mode: signed out here, while the server, whose cookie it is, could not be reached. */
  readonly ended?: true
  readonly server: KnownServer
}

/** Undefined for what this package did not write: an empty store, a damaged entry, another version's. */
export function parseState(text: string | null | undefined): SessionState | undefined {
  try {
    const state = JSON.parse(text ?? '') as SessionState
    return state.turn > 0 && state.key ? state : undefined
  } catch {
    return undefined
  }
}

/** Whether the first is the same session as the second, at a later turn. */
export function isNewer(
  one: SessionState | undefined,
  other: Pick<SessionState, 'id' | 'turn'>,
): one is SessionState {
  return one !== undefined && one.id === other.id && one.turn > other.turn
}
