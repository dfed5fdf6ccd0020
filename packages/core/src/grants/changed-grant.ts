import type { Settings } from '../options/settings.js'
import type { Facts } from '../ratchet/sealing.js'
import type { GrantRecord } from '../storage/storage.js'
import { narrowedScope } from './client-scope.js'
import type { GrantUpdate } from './grant-options.js'
import { lifetimesFrom } from './sign-in-facts.js'

/** The facts of a grant after an update, see `Grants.update`. */
export function changedFacts(facts: Facts, update: GrantUpdate, settings: Settings): Facts {
  return {
    ...facts,
    ...(update.scope !== undefined && { scope: narrowedScope(settings, facts.scope, update.scope) }),
    ...(update.metadata !== undefined && { metadata: update.metadata }),
  }
}

/**
 * The limits of a grant after an update.
 *
 * @throws RangeError where none would be left
 */
export function changedLifetimes(
  record: GrantRecord,
  lifetimes: NonNullable<GrantUpdate['lifetimes']>,
  now: number,
) {
  const changed = lifetimesFrom(lifetimes, now)
  const result = {
    idleLifetime: changed.idleLifetime === undefined ? record.idleLifetime : changed.idleLifetime,
    absoluteExpiresAt:
      changed.absoluteExpiresAt === undefined ? record.absoluteExpiresAt : changed.absoluteExpiresAt,
  }
  if (result.idleLifetime === null && result.absoluteExpiresAt === null) {
    throw new RangeError('A grant must end some day: give it an idle or an absolute limit.')
  }
  return result
}
