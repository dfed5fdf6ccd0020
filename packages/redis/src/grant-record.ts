import { StorageError, grantRecord } from '@oauth-ratchet/core'
import type { GrantRecord } from '@oauth-ratchet/core'

import { packStrings, unpackStrings } from './packed-strings.js'

/**
 * A grant as one string, without its id, which is in the key: see scripts/grant-record.lua, which reads and writes the
 * same. Numbers have a fixed size, so that a record does not grow with what they count.
 */
const LAYOUT = 1
/** The same, of a grant with offline lifetimes. */
const OFFLINE_LAYOUT = 2
const HEAD_LENGTH = 1 + 8 * 8
const STRINGS = 15

/** A record that a newer version wrote, or that is damaged. */
export class UnreadableGrant extends StorageError {}

export function encodeGrant(record: GrantRecord): Buffer {
  const { revoked } = record
  const strings = [
    record.clientId,
    record.subjectHash,
    record.sessionHash,
    record.boundKey,
    record.codeProof,
    record.nonce,
    record.previousNonce,
    record.keyHash,
    record.previousKeyHash,
    record.accessNonce,
    record.facts,
    record.seen,
    revoked && String(revoked.at),
    revoked?.reason,
    revoked?.by,
  ]
  const numbers = [
    record.generation,
    record.createdAt,
    record.turnedAt,
    record.idleLifetime ?? Number.POSITIVE_INFINITY,
    record.absoluteExpiresAt ?? Number.POSITIVE_INFINITY,
    record.expiresAt,
    record.revision,
    record.format,
  ]
  const bytes = packStrings(strings, HEAD_LENGTH)
  let position = bytes.writeUInt8(record.offline === true ? OFFLINE_LAYOUT : LAYOUT)
  for (const number of numbers) position = bytes.writeDoubleBE(number, position)
  return bytes
}

/**
 * @param start where the record begins: some answers have a letter before it
 * @param outcome of the call that was answered so, if this cannot be read
 * @throws UnreadableGrant
 */
export function decodeGrant(
  id: string,
  bytes: Buffer,
  start = 0,
  outcome: StorageError['outcome'] = 'not_applied',
): GrantRecord {
  if (bytes[start] !== LAYOUT && bytes[start] !== OFFLINE_LAYOUT) {
    throw new UnreadableGrant(
      'A grant has a layout that this version of the storage does not know: a newer one wrote it. Finish the upgrade.',
      { outcome },
    )
  }
  try {
    return decodeFields(id, bytes, start)
  } catch (cause) {
    throw new UnreadableGrant('The record of a grant is damaged, and cannot be read.', { outcome, cause })
  }
}

function decodeFields(id: string, bytes: Buffer, start: number): GrantRecord {
  const number = (index: number): number => bytes.readDoubleBE(start + 1 + index * 8)
  const limit = (index: number): number | null =>
    number(index) === Number.POSITIVE_INFINITY ? null : number(index)
  const strings = unpackStrings(bytes, start + HEAD_LENGTH)
  const [
    clientId,
    subjectHash,
    sessionHash,
    boundKey,
    codeProof,
    nonce,
    previousNonce,
    keyHash,
    previousKeyHash,
    accessNonce,
    facts,
    seen,
    revokedAt,
    reason,
    by = '',
  ] = strings
  // Cut off between two strings it would read as a record, and its holder's nonce as one that was never issued: theft.
  if (strings.length !== STRINGS || clientId === undefined || subjectHash === undefined)
    throw new TypeError('Strings are missing')
  if (nonce === undefined || accessNonce === undefined || facts === undefined)
    throw new TypeError('Strings are missing')
  return grantRecord({
    id,
    clientId,
    subjectHash,
    sessionHash,
    boundKey,
    codeProof,
    generation: number(0),
    nonce,
    previousNonce,
    keyHash,
    previousKeyHash,
    accessNonce,
    createdAt: number(1),
    turnedAt: number(2),
    idleLifetime: limit(3),
    absoluteExpiresAt: limit(4),
    offline: bytes[start] === OFFLINE_LAYOUT,
    expiresAt: number(5),
    revision: number(6),
    format: number(7),
    facts,
    seen,
    revoked: revokedAt === undefined ? undefined : { at: Number(revokedAt), reason: reason as Reason, by },
  })
}

type Reason = NonNullable<GrantRecord['revoked']>['reason']
