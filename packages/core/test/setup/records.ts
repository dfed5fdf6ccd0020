import type { GrantRecord } from '@oauth-ratchet/core'

/** 22 characters of base64url, told apart by their first. */
export function id(letter: string): string {
  return letter.padEnd(22, 'A')
}

/** A live grant at generation 5, turned at 100,000. */
export function grantOf(over: Partial<GrantRecord> = {}): GrantRecord {
  return {
    id: id('g'),
    clientId: 'app-a',
    subjectHash: id('s'),
    generation: 5,
    nonce: id('5'),
    previousNonce: id('4'),
    accessNonce: id('a'),
    createdAt: 10_000,
    turnedAt: 100_000,
    idleLifetime: 1_000_000,
    absoluteExpiresAt: null,
    expiresAt: 1_100_000,
    revision: 0,
    format: 1,
    facts: 'sealed',
    ...over,
  }
}
