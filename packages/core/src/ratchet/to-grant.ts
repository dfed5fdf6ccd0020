import { splitScope } from '../options/scopes.js'
import type { GrantRecord } from '../storage/storage.js'
import type { Facts } from './sealing.js'
import type { Grant } from '../options/grant.js'
import type { SessionDetail } from '../options/options.js'
import type { Settings } from '../options/settings.js'
import { openSeen } from './seen.js'
import type { KeyRing } from './secrets.js'

/**
 * The record and its facts as apps see them.
 *
 * @param notBefore grants made before this are over, in ms since the epoch
 */
export function toGrant(
  ring: KeyRing,
  { keep, now }: Pick<Settings, 'keep' | 'now'>,
  record: GrantRecord,
  facts: Facts | undefined,
  notBefore: number,
): Grant {
  // What an option of before has let be kept is not shown under the one of now.
  const seen = keep.has('userAgent') || keep.has('remoteAddress') ? openSeen(ring, record) : undefined
  const kept = <Value>(detail: SessionDetail, value: Value): Value | undefined =>
    keep.has(detail) ? value : undefined
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
    label: kept('label', facts?.label),
    userAgent: kept('userAgent', facts?.userAgent),
    remoteAddress: kept('remoteAddress', facts?.remoteAddress),
    lastUserAgent: kept('userAgent', seen?.userAgent),
    lastRemoteAddress: kept('remoteAddress', seen?.remoteAddress),
    createdAt: record.createdAt,
    lastUsedAt: record.turnedAt,
    expiresAt: record.expiresAt,
    status: statusOf(record, now(), notBefore),
  }
}

function statusOf(record: GrantRecord, now: number, notBefore: number): Grant['status'] {
  if (record.revoked !== undefined || record.createdAt < notBefore) return 'revoked'
  if (record.expiresAt <= now) return 'expired'
  return record.generation === 0 ? 'pending' : 'active'
}
