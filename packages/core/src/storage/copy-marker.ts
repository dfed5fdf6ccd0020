import { StorageError } from '../faults/storage-error.js'
import type { Storage } from './storage.js'

/**
 * The id of the client document that `copy` of the command line keeps in its target from its beginning until it has come to
 * its end. It is of no realm, so that no server takes it for a client.
 */
export const copyMarkerId = 'oauth-ratchet:copy'

/**
 * Refuses the target of a copy that is running, or did not come to its end: of what is missing there, sessions would be
 * signed out, and what was revoked could come to life. One read.
 *
 * @throws StorageError with the code `storage.unfinished_copy`
 */
export async function assertNotInCopy({ clients }: Pick<Storage, 'clients'>): Promise<void> {
  if ((await clients.find(copyMarkerId)) === undefined) return
  throw new StorageError(
    'This storage is the target of a copy that is running, or that did not come to its end. Wait for its end; or empty this ' +
      'storage and copy again, or use the one that was copied from',
    { outcome: 'not_applied', code: 'storage.unfinished_copy' },
  )
}
