import type { GrantRecord, LifetimeCaps, TurnChange, TurnExpectation } from '../storage/storage.js'
import { currentFormat, ownLimitsFormat } from './sealing.js'

/**
 * The limits of a client (its own, or those of the options), as they bind grants that were made when they were longer:
 * each turn caps by them. Not those that the app has given one grant by `grants.update`, which have a format of their own.
 */
export interface GrantLimits extends Lifetimes {
  /** Those of grants with offline access; undefined: the same. */
  readonly offline: Lifetimes | undefined
}

export interface Lifetimes {
  /** Milliseconds; null: no such limit. */
  readonly idleLifetimeMs: number | null
  readonly absoluteLifetimeMs: number | null
}

type RecordLimits = Pick<GrantRecord, 'createdAt' | 'idleLifetime' | 'absoluteExpiresAt' | 'offline'>

/**
 * What a turn caps a record of this format by, and the newest format that it may meet: a turn that caps is refused by a
 * record with limits of its own, in the same step.
 */
export function turnLimits(
  limits: GrantLimits,
  format: number,
): Pick<TurnExpectation, 'maxFormat'> &
  Pick<TurnChange, 'maxIdleLifetime' | 'maxAbsoluteLifetime' | 'offline'> {
  if (format === ownLimitsFormat)
    return { maxFormat: ownLimitsFormat, maxIdleLifetime: null, maxAbsoluteLifetime: null }
  // Both sets: which one a record is under, the caller does not know before the turn has read it.
  const { offline } = limits
  const { idleLifetimeMs: maxIdleLifetime, absoluteLifetimeMs: maxAbsoluteLifetime } = limits
  return offline === undefined
    ? { maxFormat: currentFormat, maxIdleLifetime, maxAbsoluteLifetime }
    : { maxFormat: currentFormat, maxIdleLifetime, maxAbsoluteLifetime, offline: capsOf(offline) }
}

function capsOf({ idleLifetimeMs, absoluteLifetimeMs }: Lifetimes): LifetimeCaps {
  return { maxIdleLifetime: idleLifetimeMs, maxAbsoluteLifetime: absoluteLifetimeMs }
}

/** The record with the absolute limit that its next turn will find: the limits in responses, and those that `judge` applies. */
export function underAbsoluteLimit(limits: GrantLimits, record: GrantRecord): GrantRecord {
  if (record.format === ownLimitsFormat || record.revoked !== undefined) return record
  const end = absoluteEnd(limits, record)
  if (end >= (record.absoluteExpiresAt ?? Number.POSITIVE_INFINITY) || end === Number.POSITIVE_INFINITY)
    return record
  return { ...record, absoluteExpiresAt: end, expiresAt: Math.min(record.expiresAt, end) }
}

/** The format of a record with the limits `given` by `grants.update`. */
export function formatOfLimits(limits: GrantLimits, given: RecordLimits): number {
  const idle = given.idleLifetime ?? Number.POSITIVE_INFINITY
  const end = given.absoluteExpiresAt ?? Number.POSITIVE_INFINITY
  const beyond =
    idle > (lifetimesOf(limits, given).idleLifetimeMs ?? Number.POSITIVE_INFINITY) ||
    end > absoluteEnd(limits, given)
  return beyond ? ownLimitsFormat : currentFormat
}

function absoluteEnd(limits: GrantLimits, record: Pick<GrantRecord, 'createdAt' | 'offline'>): number {
  return record.createdAt + (lifetimesOf(limits, record).absoluteLifetimeMs ?? Number.POSITIVE_INFINITY)
}

function lifetimesOf(limits: GrantLimits, { offline }: Pick<GrantRecord, 'offline'>): Lifetimes {
  return offline === true ? (limits.offline ?? limits) : limits
}
