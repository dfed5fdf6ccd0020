import type { SessionOptions } from './session-options.js'
import type { SessionState } from './session-state.js'
import type { TokensAtHand } from './tokens-at-hand.js'

/**
 * What a page in cookie mode tries to refresh with when its store has no session: a key and nothing else. Undefined where
 * the user has signed out, and the server, whose cookie is still there, was not reached then: the revocation is sent again.
 */
export async function beginWithCookie(
  { random, discover, store }: SessionOptions,
  hand: TokensAtHand,
  revoke: (state: SessionState) => Promise<boolean>,
): Promise<SessionState | undefined> {
  const stored = await hand.read()
  if (stored?.ended === true) {
    if (await revoke(stored)) await store.remove()
    return undefined
  }
  const nothing = { accessToken: '', expiresAt: 0, lifetime: 0, clockOffset: 0 }
  await hand.write({ ...nothing, id: random(), turn: 1, key: random(), server: await discover() })
  return hand.current()
}
