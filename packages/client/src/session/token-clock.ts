import type { SessionState } from './session-state.js'

/** Measures how long access tokens still live, whatever happens to the device's clock. */
export interface TokenClock {
  /** Notes when a token came, for as long as this page lives. */
  readonly received: (state: SessionState) => void
  /** Milliseconds left; negative when it has expired. */
  readonly left: (state: SessionState) => number
}

/**
 * The earlier of two clocks counts: the server's, as the device's plus the difference seen with the latest answer, and a
 * monotonic one, which a change of the device's clock does not move (and which some systems stop while they sleep).
 */
export function tokenClock(now: () => number, monotonic: () => number): TokenClock {
  let token = ''
  let since = 0
  return {
    received(state) {
      token = state.accessToken
      since = monotonic()
    },
    left(state) {
      const byServer = state.expiresAt - (now() + state.clockOffset)
      const elapsed = token === state.accessToken ? state.lifetime - (monotonic() - since) : byServer
      return state.accessToken === '' ? -1 : Math.min(byServer, elapsed)
    },
  }
}
