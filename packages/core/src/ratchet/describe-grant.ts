import type { GrantRecord } from '../storage/storage.js'
import { unsealForOnce } from './sealing.js'
import type { Facts } from './sealing.js'
import type { KeyRing } from './secrets.js'

/** What an event says of a grant. A record that does not open is described by what is in clear. */
export function describeGrant(
  ring: KeyRing,
  record: GrantRecord,
): { grantId: string; clientId: string; subject?: string; metadata?: Readonly<Record<string, unknown>> } {
  const facts = openFacts(ring, record)
  return {
    grantId: record.id,
    clientId: record.clientId,
    ...(facts !== undefined && { subject: facts.subject }),
    ...(facts?.metadata !== undefined && { metadata: facts.metadata }),
  }
}

function openFacts(ring: KeyRing, record: GrantRecord): Facts | undefined {
  try {
    return unsealForOnce(ring, record)
  } catch {
    return undefined
  }
}
