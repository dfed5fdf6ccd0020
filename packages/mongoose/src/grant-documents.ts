import { grantRecord, StorageError } from '@oauth-ratchet/core'
import type { GrantRecord, RevocationReason } from '@oauth-ratchet/core'

/**
 * A grant as the collection holds it: short names, for they are in every document, and dates for times, which is
 * what a TTL index reads and an operator too. BSON dates count milliseconds, so nothing is lost. What is absent has
 * no field.
 */
export interface GrantDocument {
  /** `id` */
  readonly _id: string
  /** `clientId` */
  readonly client: string
  /** `subjectHash` */
  readonly subject: string
  /** `sessionHash` */
  readonly session?: string
  /** `boundKey` */
  readonly key?: string
  /** `codeProof` */
  readonly proof?: string
  /** `generation` */
  readonly gen: number
  readonly nonce: string
  /** `previousNonce` */
  readonly prev?: string
  /** `keyHash`: of the idempotency key */
  readonly idem?: string
  /** `previousKeyHash` */
  readonly prevIdem?: string
  /** `accessNonce` */
  readonly access: string
  /** `createdAt` */
  readonly created: Date
  /** `turnedAt` */
  readonly turned: Date
  /** `idleLifetime`, in ms */
  readonly idle: number | null
  /** `absoluteExpiresAt` */
  readonly absolute: Date | null
  /** True: the lifetimes of offline access. */
  readonly offline?: true
  /** `expiresAt`: the TTL index removes the document some time after that. */
  readonly expires: Date
  /** `revision` */
  readonly rev: number
  readonly revoked?: { readonly at: Date; readonly reason: RevocationReason; readonly by: string }
  readonly format: number
  readonly facts: string
  readonly seen?: string
}

export function toDocument(record: GrantRecord): GrantDocument {
  const { sessionHash, boundKey, codeProof, previousNonce, keyHash, previousKeyHash, revoked, seen } = record
  return {
    _id: record.id,
    client: record.clientId,
    subject: record.subjectHash,
    ...(sessionHash !== undefined && { session: sessionHash }),
    ...(boundKey !== undefined && { key: boundKey }),
    ...(codeProof !== undefined && { proof: codeProof }),
    gen: record.generation,
    nonce: record.nonce,
    ...(previousNonce !== undefined && { prev: previousNonce }),
    ...(keyHash !== undefined && { idem: keyHash }),
    ...(previousKeyHash !== undefined && { prevIdem: previousKeyHash }),
    access: record.accessNonce,
    created: new Date(record.createdAt),
    turned: new Date(record.turnedAt),
    idle: record.idleLifetime,
    absolute: dateOrNull(record.absoluteExpiresAt),
    ...(record.offline === true && { offline: true as const }),
    expires: new Date(record.expiresAt),
    rev: record.revision,
    ...(revoked !== undefined && {
      revoked: { at: new Date(revoked.at), reason: revoked.reason, by: revoked.by },
    }),
    format: record.format,
    facts: record.facts,
    ...(seen !== undefined && { seen }),
  }
}

const STRINGS = ['_id', 'client', 'subject', 'nonce', 'access', 'facts'] as const
const OPTIONAL_STRINGS = ['session', 'key', 'proof', 'prev', 'idem', 'prevIdem', 'seen'] as const
const NUMBERS = ['gen', 'rev', 'format'] as const
const DATES = ['created', 'turned', 'expires'] as const

/** Whether every field is what was written there. A missing nonce would be taken for one that was never issued: theft. */
export function isIntact(document: GrantDocument): boolean {
  const { idle, absolute, offline, revoked } = document
  return (
    STRINGS.every((field) => typeof document[field] === 'string') &&
    OPTIONAL_STRINGS.every((field) => ['string', 'undefined'].includes(typeof document[field])) &&
    NUMBERS.every((field) => typeof document[field] === 'number') &&
    DATES.every((field) => isDate(document[field])) &&
    (idle === null || typeof idle === 'number') &&
    (absolute === null || isDate(absolute)) &&
    ['undefined', 'boolean'].includes(typeof offline) &&
    (revoked === undefined || (isDate(revoked?.at) && typeof revoked?.by === 'string'))
  )
}

function isDate(value: unknown): boolean {
  // Of any realm: the driver may have been loaded in another.
  return Object.prototype.toString.call(value) === '[object Date]'
}

/** @throws {StorageError} for a document that is damaged */
export function fromDocument(document: GrantDocument): GrantRecord {
  if (!isIntact(document)) throw new StorageError('The document of a grant is damaged, and cannot be read.')
  const { _id: id, revoked } = document
  return grantRecord({
    id,
    clientId: document.client,
    subjectHash: document.subject,
    sessionHash: document.session,
    boundKey: document.key,
    codeProof: document.proof,
    generation: document.gen,
    nonce: document.nonce,
    previousNonce: document.prev,
    keyHash: document.idem,
    previousKeyHash: document.prevIdem,
    accessNonce: document.access,
    createdAt: document.created.getTime(),
    turnedAt: document.turned.getTime(),
    idleLifetime: document.idle,
    absoluteExpiresAt: document.absolute === null ? null : document.absolute.getTime(),
    offline: document.offline,
    expiresAt: document.expires.getTime(),
    revision: document.rev,
    revoked: revoked && { at: revoked.at.getTime(), reason: revoked.reason, by: revoked.by },
    format: document.format,
    facts: document.facts,
    seen: document.seen,
  })
}

export function dateOrNull(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
