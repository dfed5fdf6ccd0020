import type { AuthorizationServer } from '@oauth-ratchet/core'
import { isGood } from './is-good.js'
import type { Tokens } from './is-good.js'

/** The matchers as `expect` has them, for the declarations that Jest and Vitest want. */
export interface SessionMatchers {
  toBeSignedIn(server?: AuthorizationServer): Promise<void>
  toHaveEnded(server?: AuthorizationServer): Promise<void>
}

interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * For `expect.extend` of Jest and Vitest; both are asynchronous:
 *
 * ```ts
 * expect.extend(matchers)
 * await expect(alice).toBeSignedIn()
 * await expect(tokens).toHaveEnded(server)
 * ```
 */
export const matchers = {
  /** One of the tokens is good: it refreshes, or opens the API. */
  async toBeSignedIn(received: Tokens, server?: AuthorizationServer): Promise<MatcherResult> {
    const pass = await isGood(received, server)
    return { pass, message: () => (pass ? endedWanted : signedInWanted) }
  },

  /** None of the tokens is good any more. */
  async toHaveEnded(received: Tokens, server?: AuthorizationServer): Promise<MatcherResult> {
    const pass = !(await isGood(received, server))
    return { pass, message: () => (pass ? signedInWanted : endedWanted) }
  },
}

/** What is said where a session should go on; without the tokens, since output of tests is kept. */
export const signedInWanted =
  'Expected the session to be signed in, but none of its tokens is good: they have expired, were spent or revoked, or are of another server.'
/** What is said where a session should have ended. */
export const endedWanted = 'Expected the session to have ended, but one of its tokens is still good.'
