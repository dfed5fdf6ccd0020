import { setImmediate as tick } from 'node:timers/promises'

import { isListed, isSelected, tombstone } from '@oauth-ratchet/core'
import type { GrantRecord, RevokeFilter } from '@oauth-ratchet/core'

import type { NaiveStorage } from './naive-storage.js'
import type { Sabotage } from './sabotage.js'

/** Selects as if the filter did not have this member. */
export function selectsBlindTo(
  member: 'clientId' | 'sessionHash' | 'except' | 'exceptSessions' | 'createdBefore',
): typeof isSelected {
  return (record, filter) => {
    const { [member]: ignored, ...rest } = filter
    return isSelected(record, ignored === undefined ? filter : rest)
  }
}

/**
 * An index entry precedes each grant, and a walk that meets one without its grant leaves a tombstone if it selects it.
 */
function endsInFlight(
  selects: (record: GrantRecord, filter: RevokeFilter) => boolean,
): (storage: NaiveStorage) => void {
  return ({ grants }) => {
    const inFlight = new Set<GrantRecord>()
    const create = grants.create.bind(grants)
    grants.create = async (record) => {
      inFlight.add(record)
      await tick()
      inFlight.delete(record)
      return create(record)
    }
    const revokeBySubject = grants.revokeBySubject.bind(grants)
    grants.revokeBySubject = async (hashes, filter, page) => {
      for (const record of inFlight) {
        const { at, reason, by, keepUntil } = filter
        if (hashes.includes(record.subjectHash) && selects(record, filter))
          grants.records.set(record.id, tombstone(record.id, { at, reason, by }, keepUntil))
      }
      return revokeBySubject(hashes, filter, page)
    }
  }
}

/** What goes wrong only while others are at work. */
export const revocationRaceSabotages: readonly Sabotage[] = [
  ...(['clientId', 'sessionHash', 'except', 'exceptSessions', 'createdBefore'] as const).map(
    (condition): Sabotage => {
      const filter = {
        clientId: 'another client',
        sessionHash: 'another session',
        except: 'all but this one',
        exceptSessions: 'all but its session',
        createdBefore: 'those created before',
      }
      return {
        name: `ends a sign-in in flight without looking at ${condition}`,
        foundBy: `a sign-in succeeds beside walks with a filter for ${filter[condition]}`,
        breaks: endsInFlight(selectsBlindTo(condition)),
      }
    },
  ),
  {
    name: 'enters a grant into its index only after its creation was answered',
    foundBy: 'sign-ins at once that each end all but the newest leave exactly these',
    breaks: ({ grants, rules }) => {
      const missing = new Set<string>()
      const create = grants.create.bind(grants)
      grants.create = async (record) => {
        missing.add(record.id)
        void tick().then(() => missing.delete(record.id))
        return create(record)
      }
      rules.isListed = (record, filter) => !missing.has(record.id) && isListed(record, filter)
    },
  },
]
