import { randomUUID } from 'node:crypto'

import { copyMarkerId } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'

import { CopyError } from './copy-error.js'
import { expiryOf, Ledger, nameOf } from './ledger.js'
import type { Counts } from './ledger.js'
import { walk } from './walk.js'
import { writeEntries } from './write-entries.js'

export interface CopyProgress {
  readonly phase: 'copying' | 'comparing the source' | 'comparing the target'
  readonly done: number
}

export interface CopyOptions {
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  /** The clock, in ms since the epoch. Default `Date.now`; for tests. */
  readonly now?: (() => number) | undefined
}

export interface CopyReport {
  readonly copied: Counts
  /** Left out: expired, though the source still had them. */
  readonly expired: number
  /** Ids of grants that the source cannot read, and that nobody can use. They are left out. */
  readonly damaged: readonly string[]
}

/**
 * Copies everything that one storage keeps into another, empty one, each record as it is: sessions go on with the tokens
 * that are out, what was revoked stays so, and what was used once stays used. Both storages must be up (`init`), and the
 * service must be in maintenance or stopped: then it reads both again and compares each record, so that a write by
 * anybody meanwhile is an error. Holds some 200 bytes a record in memory.
 *
 * While it runs a marker is kept in the target, so that a second copy into it is refused, and no server starts on it
 * (`storage.unfinished_copy`). After an error it stays there: empty the target before you begin again. Nothing is written to
 * the source.
 *
 * @throws CopyError by `code`; `StorageError` in an outage
 */
export async function copyStorage(
  from: Storage,
  to: Storage,
  options: CopyOptions = {},
): Promise<CopyReport> {
  const { onProgress = () => {}, now = Date.now } = options
  await assertFinished(from)
  await assertEmpty(to)
  await begin(to, now())
  const ledger = new Ledger()
  const damaged = new Set<string>()
  let expired = 0
  for await (const page of walk(from)) {
    const time = now()
    for (const id of page.damaged) damaged.add(id)
    const live = page.entries.filter((entry) => expiryOf(entry) > time)
    expired += page.entries.length - live.length
    // A walk may come upon an entry twice.
    const entries = live.filter((entry) => !ledger.has(entry))
    await writeEntries(to, entries, time)
    for (const entry of entries) ledger.add(entry)
    onProgress({ phase: 'copying', done: ledger.size })
  }
  await compare(from, ledger, now, 'source_changed', (done) =>
    onProgress({ phase: 'comparing the source', done }),
  )
  await compare(to, ledger, now, 'target_changed', (done) =>
    onProgress({ phase: 'comparing the target', done }),
  )
  await to.clients.remove(copyMarkerId)
  return { copied: ledger.counts, expired, damaged: [...damaged] }
}

async function assertFinished(from: Storage): Promise<void> {
  if ((await from.clients.find(copyMarkerId)) === undefined) return
  throw new CopyError('source_unfinished', 'The source is the target of a copy that has not come to its end.')
}

async function assertEmpty(to: Storage): Promise<void> {
  if ((await to.clients.find(copyMarkerId)) !== undefined) {
    throw new CopyError(
      'target_in_copy',
      'The target is that of another copy, which is running or did not come to its end: empty it, or choose another.',
    )
  }
  for await (const { entries, damaged } of walk(to)) {
    if (entries.length === 0 && damaged.length === 0) continue
    throw new CopyError('target_not_empty', 'The target is not empty. Nothing was copied.')
  }
}

/** Of several copies into one target one begins. */
async function begin(to: Storage, startedAt: number): Promise<void> {
  const marker = { id: copyMarkerId, revision: 0, data: JSON.stringify({ startedAt, by: randomUUID() }) }
  if (await to.clients.save(marker, null)) return
  throw new CopyError('target_in_copy', 'Another copy into this target is running.')
}

/** That a storage has what was copied and nothing else, but for what has expired since. */
async function compare(
  storage: Storage,
  ledger: Ledger,
  now: () => number,
  code: 'source_changed' | 'target_changed',
  onProgress: (done: number) => void,
): Promise<void> {
  const names = new Set<string>()
  const differing = new Set<string>()
  for await (const { entries } of walk(storage)) {
    const time = now()
    for (const entry of entries) {
      if (ledger.agreesOn(entry)) names.add(nameOf(entry))
      else if (expiryOf(entry) > time) differing.add(nameOf(entry))
    }
    onProgress(names.size)
  }
  const missing = ledger.missingFrom(names, now())
  if (differing.size === 0 && missing === 0) return
  const which = code === 'source_changed' ? 'source' : 'target'
  throw new CopyError(
    code,
    `The ${which} changed while the copy ran: ${differing.size} records are other ones, ${missing} are missing. ` +
      'The service must be in maintenance or stopped. Empty the target, and begin again.',
  )
}
