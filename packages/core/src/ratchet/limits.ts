import type { GrantRecord, TurnChange, TurnExpectation } from '../storage/storage.js'
import { currentFormat, ownLimitsFormat } from './sealing.js'

/**
 * The limits of a client (its own, or those of the options), as they bind grants that were made when they were longer:
 * each turn caps by them. Not those that the app has given one grant by `grants.update`, which have a format of their own.
 */
export interface GrantLimits {
  /** Milliseconds; null: no such limit. */
  readonly idleLifetimeMs: number | null
  readonly absoluteLifetimeMs: number | null
}

type RecordLimits = Pick<GrantRecord, 'createdAt' | 'idleLifetime' | 'absoluteExpiresAt'>

/**
 * What a turn caps a record of this format by, and the newest format that it may meet: a turn that caps is refused by a
 * record with limits of its own, in the same step.
 */
export function turnLimits(
  limits: GrantLimits,
  format: number,
): Pick<TurnExpectation, 'maxFormat'> & Pick<TurnChange, 'maxIdleLifetime' | 'maxAbsoluteLifetime'> {
  return format === ownLimitsFormat
    ? { maxFormat: ownLimitsFormat, maxIdleLifetime: null, maxAbsoluteLifetime: null }
    : {
        maxFormat: currentFormat,
        maxIdleLifetime: limits.idleLifetimeMs,
        maxAbsoluteLifetime: limits.absoluteLifetimeMs,
      }
}

/** The record with the absolute limit that its next turn will find: the limits in responses, and those that `judge` applies. */
export function underAbsoluteLimit(limits: GrantLimits, record: GrantRecord): GrantRecord {
  if (record.format === ownLimitsFormat || record.revoked !== undefined) return record
  const end = absoluteEnd(limits, record.createdAt)
  if (end >= (record.absoluteExpiresAt ?? Number.POSITIVE_INFINITY) || end === Number.POSITIVE_INFINITY)
    return record
  return { ...record, absoluteExpiresAt: end, expiresAt: Math.min(record.expiresAt, end) }
}

/** The format of a record with the limits `given` by `grants.update`. */
export function formatOfLimits(limits: GrantLimits, given: RecordLimits): number {
  const idle = given.idleLifetime ?? Number.POSITIVE_INFINITY
  const end = given.absoluteExpiresAt ?? Number.POSITIVE_INFINITY
  const beyond =
    idle > (limits.idleLifetimeMs ?? Number.POSITIVE_INFINITY) || end > absoluteEnd(limits, given.createdAt)
  return beyond ? ownLimitsFormat : currentFormat
}

function absoluteEnd({ absoluteLifetimeMs }: GrantLimits, createdAt: number): number {
  return createdAt + (absoluteLifetimeMs ?? Number.POSITIVE_INFINITY)
}
