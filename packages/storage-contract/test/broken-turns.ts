import { grantRecord, isTurnable, turnRecord } from '@oauth-ratchet/core'
import type { GrantRecord, TurnChange, TurnExpectation } from '@oauth-ratchet/core'

import type { NaiveStorage } from './naive-storage.js'

/** Looks at the record with some of its fields as the caller would like them. */
export function overlooks(
  fields: (record: GrantRecord, expected: TurnExpectation) => Partial<GrantRecord>,
): (storage: NaiveStorage) => void {
  return ({ rules }) => {
    rules.isTurnable = (record, expected) => isTurnable({ ...record, ...fields(record, expected) }, expected)
  }
}

/** Writes something else than the turned record. */
export function writes(
  wrong: (after: GrantRecord, before: GrantRecord, now: number, next: TurnChange) => GrantRecord,
): (storage: NaiveStorage) => void {
  return ({ rules }) => {
    rules.turnRecord = (record, now, next) => wrong(turnRecord(record, now, next), record, now, next)
  }
}

type Droppable = 'previousNonce' | 'keyHash' | 'previousKeyHash' | 'revoked'

export function without(record: GrantRecord, field: Droppable): GrantRecord {
  return grantRecord({ ...record, [field]: undefined })
}
