import { randomBytes } from 'node:crypto'

import type {
  GrantRecord,
  RevokeFilter,
  RevokeOptions,
  TurnChange,
  TurnExpectation,
} from '@oauth-ratchet/core'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** A grant in the state after its first tokens were given out, as large as the core's are. */
export function sampleGrant(now: number, fields: Partial<GrantRecord> = {}): GrantRecord {
  return {
    id: randomId(),
    clientId: 'app',
    subjectHash: 'subject',
    generation: 1,
    nonce: randomId(),
    accessNonce: randomId(),
    createdAt: now,
    turnedAt: now,
    idleLifetime: 30 * DAY,
    absoluteExpiresAt: now + 180 * DAY,
    expiresAt: now + 30 * DAY,
    revision: 0,
    format: 1,
    facts: 'sealed',
    ...fields,
  }
}

/** What the holder of the record's current token expects. */
export function expectationOf({ generation, nonce, clientId }: GrantRecord, now: number): TurnExpectation {
  return { now, generation, nonce, clientId, maxFormat: 1 }
}

export function sampleChange(fields: Partial<TurnChange> = {}): TurnChange {
  return { nonce: randomId(), maxIdleLifetime: null, ...fields }
}

export function revokeOptions(now: number): RevokeOptions {
  return { keepUntil: now + HOUR, by: randomId() }
}

export function revokeFilter(at: number): RevokeFilter {
  return { at, reason: 'revoked', keepUntil: at + HOUR, by: randomId() }
}
