import { splitScope } from '../options/scopes.js'
import type { GrantRecord } from '../storage/storage.js'
import type { Facts } from './sealing.js'
import type { Grant } from '../options/grant.js'

/**
 * The record and its facts as apps see them.
 *
 * @param notBefore grants made before this are over, in ms since the epoch
 */
export function toGrant(
  record: GrantRecord,
  facts: Facts | undefined,
  now: number,
  notBefore: number,
): Grant {
  return {
    id: record.id,
    clientId: record.clientId,
    subject: facts?.subject,
    scope: splitScope(facts?.scope ?? ''),
    claims: facts?.claims ?? {},
    authTime: facts?.authTime,
    acr: facts?.acr,
    amr: facts?.amr,
    resources: facts?.resources ?? [],
    metadata: facts?.metadata ?? {},
    createdAt: record.createdAt,
    lastUsedAt: record.turnedAt,
    expiresAt: record.expiresAt,
    status: statusOf(record, now, notBefore),
  }
}

function statusOf(record: GrantRecord, now: number, notBefore: number): Grant['status'] {
  if (record.revoked !== undefined || record.createdAt < notBefore) return 'revoked'
  if (record.expiresAt <= now) return 'expired'
  return record.generation === 0 ? 'pending' : 'active'
}
