import { StorageError } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'

import { CopyError } from './copy-error.js'
import type { Entry } from './ledger.js'

const ATTEMPTS = 3

/** Writes under way at the same time: as many as a driver has connections for, so that none waits for one and is late. */
const AT_ONCE = 64

/**
 * Inserts entries as they are, side by side; those of one subject one after the other, for the reason given below.
 *
 * @throws CopyError when something is there already: somebody else writes
 */
export async function writeEntries(to: Storage, entries: readonly Entry[], now: number): Promise<void> {
  const queues = new Map<string, Entry[]>()
  for (const [index, entry] of entries.entries()) {
    const name = queueOf(entry, index)
    queues.set(name, [...(queues.get(name) ?? []), entry])
  }
  const waiting = [...queues.values()]
  const work = async (): Promise<void> => {
    for (let queue = waiting.pop(); queue !== undefined; queue = waiting.pop()) {
      for (const entry of queue) await insist(() => write(to, entry, now))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

// A storage may have its subject index tidied by each sign-in, and take an entry that is old and has no grant yet for a
// remainder (Redis does): so while one grant of a subject is being inserted, no other one is.
function queueOf({ part, record }: Entry, index: number): string {
  return part === 'grant' && record.revoked === undefined ? `subject ${record.subjectHash}` : String(index)
}

async function write({ grants, values, clients }: Storage, entry: Entry, now: number): Promise<void> {
  if (!(await inserted())) {
    throw new CopyError('target_changed', 'The target was written by somebody else while the copy ran.')
  }

  async function inserted(): Promise<boolean> {
    const { part, record } = entry
    if (part === 'grant') return grants.create(record)
    if (part === 'client') return clients.save(record, null)
    if (record.kind === 'mark') return values.mark(record.key, record.owner, record.expiresAt, now)
    await values.stash(record.key, record.value, record.expiresAt)
    return true
  }
}

/** Each of these writes may be made again: the second finds what the first has left, and says the same. */
async function insist(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const isOutage =
        error instanceof StorageError || (error instanceof Error && error.name === 'StorageError')
      if (!isOutage || attempt === ATTEMPTS) throw error
    }
  }
}
