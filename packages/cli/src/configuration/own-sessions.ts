import type { AuthorizationServer, Storage } from '@oauth-ratchet/core'

import { Failure } from '../command-line/failure.js'

/** Enough to meet an own one where several services share a storage. */
const looksAt = 200

/**
 * Where nothing was found: says so if it is because of the wrong secrets or issuer, under which every user seems to have
 * no session.
 *
 * @throws Failure when the storage has live sessions, and none of those looked at opens
 */
export async function assertSessionsOpen(server: AuthorizationServer, storage: Storage): Promise<void> {
  const { grants } = await storage.grants.scan({ limit: looksAt })
  const now = Date.now()
  const live = grants.filter(
    ({ revoked, clientId, expiresAt }) => revoked === undefined && clientId !== '' && expiresAt > now,
  )
  for (const { id } of live) {
    if ((await server.grants.get(id))?.subject !== undefined) return
  }
  if (live.length === 0) return
  throw new Failure(
    'The storage has sessions, and of those looked at none opens: secrets or issuer (or realm) are not those of the ' +
      'service, or these are of another service. Nothing was ended.',
  )
}
