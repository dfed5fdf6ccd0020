import type { SessionOptions } from './session-options.js'
import type { SessionState } from './session-state.js'
import type { TokensAtHand } from './tokens-at-hand.js'

/** What a page in cookie mode refreshes, or signs out, with when its store has no session: a key and nothing else. */
export async function beginWithCookie(
  { random, discover }: SessionOptions,
  { write, current }: TokensAtHand,
): Promise<SessionState | undefined> {
  const nothing = { accessToken: '', refreshToken: '', expiresAt: 0, lifetime: 0, clockOffset: 0 }
  await write({ ...nothing, id: random(), turn: 1, key: random(), server: await discover() })
  return current()
}
