import { isListed, StorageError } from '@oauth-ratchet/core'

import type { Sabotage } from './sabotage.js'

export const scanSabotages: readonly Sabotage[] = [
  {
    name: 'scans for one client the records of all',
    foundBy: 'a scan for one client finds its records in any state, and no other, in pages of any size',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = (page) => scan(page)
    },
  },
  {
    name: 'scans for one client live records only',
    foundBy: 'a scan for one client finds its records in any state, and no other, in pages of any size',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async (page, filter) => {
        const found = await scan(page, filter)
        if (filter === undefined) return found
        return { ...found, grants: found.grants.filter(({ revoked }) => revoked === undefined) }
      }
    },
  },
  {
    name: 'takes a page without a record of the client for the last one',
    foundBy: 'a scan for one client goes on behind pages in which it has no record',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async (page, filter) => {
        const found = await scan(page, filter)
        return found.grants.length === 0 ? { grants: [] } : found
      }
    },
  },
  {
    name: 'stops a scan at a damaged record',
    foundBy: 'a damaged record does not stop a scan, which names it',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async (...call) => {
        const found = await scan(...call)
        if (found.unreadable?.length) throw new StorageError('A record is damaged')
        return found
      }
    },
  },
  {
    name: 'leaves a damaged record out of a scan in silence',
    foundBy: 'a damaged record does not stop a scan, which names it',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async (...call) => {
        const { unreadable: _, ...found } = await scan(...call)
        return found
      }
    },
  },
  {
    name: 'takes any cursor',
    foundBy: 'a cursor that was not made by the listing is a CursorError',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async ({ cursor, limit }) =>
        scan(cursor?.startsWith('grant ') ? { cursor, limit } : { limit })
    },
  },
  {
    name: 'scans live records only',
    foundBy: 'a scan finds every record in any state, in pages of any size',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async (page) => {
        const found = await scan(page)
        return { ...found, grants: found.grants.filter(({ revoked }) => revoked === undefined) }
      }
    },
  },
  {
    name: 'scans ids only',
    foundBy: 'a scan answers the records as they are',
    breaks: ({ grants }) => {
      const scan = grants.scan.bind(grants)
      grants.scan = async (page) => {
        const found = await scan(page)
        return { ...found, grants: found.grants.map((grant) => ({ ...grant, facts: '' })) }
      }
    },
  },
  {
    name: 'scans for ever',
    foundBy: 'a scan of an empty storage ends at once',
    breaks: ({ grants }) => {
      grants.scan = async () => ({ grants: [], cursor: 'grant ' })
    },
  },
  {
    name: 'purges nothing',
    foundBy: 'a purge removes what expired, as much as is asked for, and says how much',
    breaks: ({ grants }) => {
      grants.purgeExpired = async () => 0
    },
  },
  {
    name: 'purges everything',
    foundBy: 'a purge leaves what is live, and what is kept of a revoked grant',
    breaks: ({ grants }) => {
      const purgeExpired = grants.purgeExpired.bind(grants)
      grants.purgeExpired = (_, limit) => purgeExpired(Number.MAX_SAFE_INTEGER, limit)
    },
  },
  {
    name: 'lists the remains of what was purged',
    foundBy: 'a purge leaves no trace of a grant in the lists',
    breaks: ({ grants, rules }) => {
      rules.isListed = (record, filter) => isListed({ ...record, expiresAt: filter.now + 1 }, filter)
      grants.purgeExpired = async () => 1
    },
  },
]
