import type { Settings } from '../options/settings.js'
import type { GrantRecord, TurnChange, TurnExpectation } from '../storage/storage.js'
import { currentFormat, ownLimitsFormat } from './sealing.js'

/**
 * The limits of the options, as they bind grants that were made when they were longer: each turn caps by them. Not those
 * that the app has given one grant by `grants.update`, which have a format of their own.
 */

type Options = Pick<Settings, 'idleLifetimeMs' | 'absoluteLifetimeMs'>
type Limits = Pick<GrantRecord, 'createdAt' | 'idleLifetime' | 'absoluteExpiresAt'>

/**
 * What a turn caps a record of this format by, and the newest format that it may meet: a turn that caps is refused by a
 * record with limits of its own, in the same step.
 */
export function turnLimits(
  options: Options,
  format: number,
): Pick<TurnExpectation, 'maxFormat'> & Pick<TurnChange, 'maxIdleLifetime' | 'maxAbsoluteLifetime'> {
  return format === ownLimitsFormat
    ? { maxFormat: ownLimitsFormat, maxIdleLifetime: null, maxAbsoluteLifetime: null }
    : {
        maxFormat: currentFormat,
        maxIdleLifetime: options.idleLifetimeMs,
        maxAbsoluteLifetime: options.absoluteLifetimeMs,
      }
}

/** The record with the absolute limit that its next turn will find: the limits in responses, and those that `judge` applies. */
export function underAbsoluteLimit(options: Options, record: GrantRecord): GrantRecord {
  if (record.format === ownLimitsFormat || record.revoked !== undefined) return record
  const end = absoluteEnd(options, record.createdAt)
  if (end >= (record.absoluteExpiresAt ?? Number.POSITIVE_INFINITY) || end === Number.POSITIVE_INFINITY)
    return record
  return { ...record, absoluteExpiresAt: end, expiresAt: Math.min(record.expiresAt, end) }
}

/** The format of a record with these limits, given by `grants.update`. */
export function formatOfLimits(options: Options, limits: Limits): number {
  const idle = limits.idleLifetime ?? Number.POSITIVE_INFINITY
  const end = limits.absoluteExpiresAt ?? Number.POSITIVE_INFINITY
  const beyond =
    idle > (options.idleLifetimeMs ?? Number.POSITIVE_INFINITY) ||
    end > absoluteEnd(options, limits.createdAt)
  return beyond ? ownLimitsFormat : currentFormat
}

function absoluteEnd({ absoluteLifetimeMs }: Options, createdAt: number): number {
  return createdAt + (absoluteLifetimeMs ?? Number.POSITIVE_INFINITY)
}
