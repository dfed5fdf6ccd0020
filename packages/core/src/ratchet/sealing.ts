import { createCipheriv, createDecipheriv } from 'node:crypto'
import { StorageError } from '../faults/storage-error.js'
import type { GrantRecord } from '../storage/storage.js'
import { randomBytes } from './random.js'
import type { Keys, KeyRing } from './secrets.js'
import type { Facts, Unsealed } from './facts.js'

export type { Facts } from './facts.js'

/** The format of the records that this version writes. */
export const currentFormat = 1

/**
 * The same, of a grant that `grants.update` gave limits beyond those of the options: a turn does not cap these. A number
 * of its own, because a turn that caps must refuse such a record, and so must a version that knows nothing of it.
 */
export const ownLimitsFormat = 2

/**
 * The newest format that this version can read. A record with a newer one was written by a newer version of this
 * software: it is left alone (503), never judged, so that a rolling upgrade and its rollback end no session.
 */
export const newestFormat = ownLimitsFormat

/** Sealed facts of up to so many characters take one place among those that are remembered. */
const charactersOfOne = 1200

const ivLength = 12
const tagLength = 16

/**
 * Seals facts with AES-256-GCM under a key of the grant's own (HKDF with the grant id, which is also additional
 * data): a sealed string moved to another record does not open there.
 */
export function sealFacts(ring: KeyRing, grantId: string, facts: Facts, keys: Keys = ring.current): string {
  return sealText(keys, grantId, JSON.stringify(facts))
}

/** The same for any text, under a key of the name's own. */
export function sealText(keys: Keys, name: string, text: string): string {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(keys, name), iv)
  cipher.setAAD(Buffer.from(name))
  const keyId = Buffer.allocUnsafe(4)
  keyId.writeUInt32BE(keys.id)
  const sealed = [keyId, iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(sealed).toString('base64url')
}

/**
 * Opens the facts of a record. Undefined when no secret has their key any more, or when they are gone because the
 * grant is revoked.
 *
 * @throws StorageError when the record's format is newer than this version knows, or the string is damaged.
 */
export function unsealFacts(ring: KeyRing, record: GrantRecord): Facts | undefined {
  const json = unsealedOf(ring, record)?.json
  // Parsed anew each time: whoever gets facts may change them.
  return json === undefined ? undefined : (JSON.parse(json) as Facts)
}

/**
 * As {@link unsealFacts}, and they are not remembered: for walks over many grants, for which those that are being refreshed
 * would be forgotten, and for grants that have ended.
 */
export function unsealForOnce(ring: KeyRing, record: GrantRecord): Facts | undefined {
  assertKnownFormat(record)
  if (record.facts === '') return undefined
  const known = ring.unsealed.get(record.facts)
  const json = known?.grantId === record.id ? known.json : openSealed(ring, record)
  return json === undefined ? undefined : (JSON.parse(json) as Facts)
}

/**
 * The same facts for every caller, so that nothing is parsed on each refresh: to be read only, and never handed to the
 * app, which could change what is in them.
 *
 * @throws StorageError see {@link unsealFacts}
 */
export function sharedFacts(ring: KeyRing, record: GrantRecord): Facts | undefined {
  return unsealedOf(ring, record)?.facts
}

function unsealedOf(ring: KeyRing, record: GrantRecord): Unsealed | undefined {
  assertKnownFormat(record)
  if (record.facts === '') return undefined
  const known = ring.unsealed.get(record.facts)
  if (known?.grantId === record.id) return known
  const json = openSealed(ring, record)
  if (json === undefined) return undefined
  const unsealed = { grantId: record.id, json, facts: JSON.parse(json) as Facts }
  ring.unsealed.set(record.facts, unsealed, Math.max(1, record.facts.length / charactersOfOne))
  return unsealed
}

function openSealed(ring: KeyRing, record: GrantRecord): string | undefined {
  try {
    return unsealText(ring, record.id, record.facts)
  } catch (cause) {
    throw new StorageError('A grant record is damaged: its facts do not open under their own key.', { cause })
  }
}

/**
 * Opens what {@link sealText} has sealed under this name; undefined when no secret has its key any more.
 *
 * @throws Error for a damaged string, and one that was sealed under another name
 */
export function unsealText(ring: KeyRing, name: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  const keys = bytes.length > 4 + ivLength + tagLength ? ring.find(bytes.readUInt32BE()) : undefined
  if (keys === undefined) return undefined
  const iv = bytes.subarray(4, 4 + ivLength)
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(keys, name), iv, { authTagLength: tagLength })
  decipher.setAAD(Buffer.from(name))
  decipher.setAuthTag(bytes.subarray(-tagLength))
  const text = decipher.update(bytes.subarray(4 + ivLength, -tagLength))
  // Throws where the tag does not fit. It has no bytes of its own in this mode, and none are believed before it.
  decipher.final()
  return text.toString()
}

/**
 * The keys that a record is sealed under; those of the current secret where that cannot be read. Its tokens are made
 * with the same, so that a token under an older secret says that the record is sealed under one too.
 */
export function sealingKeys(ring: KeyRing, record: GrantRecord): Keys {
  // Six characters of base64url are four bytes and a half.
  const keyId = Buffer.from(record.facts.slice(0, 6), 'base64url')
  return (keyId.length >= 4 ? ring.find(keyId.readUInt32BE()) : undefined) ?? ring.current
}

/** @throws StorageError see {@link newestFormat} */
export function assertKnownFormat(record: GrantRecord): void {
  if (record.format > newestFormat) {
    throw new StorageError(
      `A grant record has format ${record.format}, and this version knows ${newestFormat} at most: ` +
        'a newer version wrote it. Finish the upgrade.',
      { outcome: 'not_applied' },
    )
  }
}

// HKDF-Expand (RFC 5869 §2.3) for one block: the root is uniformly random already, so there is nothing to extract,
// and this runs on every refresh.
function sealingKey(keys: Keys, name: string): Buffer {
  return keys.sealing.of(`${name}\u0001`)
}
