import type { GrantRecord } from '../storage/storage.js'
import { unsealFacts } from './sealing.js'
import type { KeyRing } from './secrets.js'

/** Where a grant was last used from, as far as the server keeps it. */
export interface LastSeen {
  readonly address?: string
  readonly userAgent?: string
}

/** Undefined where nothing is kept, and where it does not open. */
export function lastSeen(ring: KeyRing, record: GrantRecord): LastSeen | undefined {
  if (record.seen === undefined || record.seen === '') return undefined
  try {
    return unsealFacts(ring, { ...record, facts: record.seen }) as LastSeen | undefined
  } catch {
    return undefined
  }
}
