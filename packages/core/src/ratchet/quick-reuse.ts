/** The README of this package at its public address. It is in the package too. */
const page = 'https://www.npmjs.com/package/@oauth-ratchet/core#a-refresh-token-that-came-twice'

/**
 * Says once, where nobody listens for `grant.reuse_detected`, that a session was ended by a token which came again from a
 * second tab or after a lost answer: the commonest complaint about rotation, and one that the app's developer can cure.
 */
export class QuickReuseWarning {
  #given = false

  /** @param ageMs time since the turn that spent the token */
  report(clientId: string, ageMs: number): void {
    if (this.#given) return
    this.#given = true
    process.emitWarning(
      `A refresh token of client ${clientId} came a second time ${(ageMs / 1000).toFixed(1)} s after it was used, ` +
        'and its session was ended. Two tabs, a double effect or a retry after a lost answer do this more often than a thief. ' +
        'Three things cure it: 1. @oauth-ratchet/client, or an Idempotency-Key with every attempt; 2. the refresh token in a ' +
        'cookie (refreshTokenCookie of oauthRouter); 3. a grace of a few seconds (reuse_grace: 10 of the client). Listen to ' +
        `grant.reuse_detected to see every case. This comes once. More: "A refresh token that came twice" in the README of @oauth-ratchet/core, ${page}`,
      { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_QUICK_REUSE' },
    )
  }
}
