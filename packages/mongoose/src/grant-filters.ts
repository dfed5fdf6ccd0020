import type {
  ListFilter,
  RevokeFilter,
  RevokeOptions,
  SubjectPosition,
  TurnExpectation,
} from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import type { GrantDocument } from './grant-documents.js'

export type GrantFilter = mongo.Filter<GrantDocument>

/**
 * Equal to exactly this. Spelled out, so that a value stays a value whatever it is: an app may hand on an id as a
 * request named it, and `{ "$gt": "" }` must find nothing.
 */
export function is<Value>(value: Value): { $eq: Value } {
  return { $eq: value }
}

const NOT_REVOKED = { revoked: { $exists: false } } as const

/**
 * What can be listed, whoever's it is: the filter of the index `by_subject_redeemed`, which cannot say `$exists: false`;
 * null also fits what is absent. The server uses the index for queries that say the same in the same words.
 */
export const LISTABLE: mongo.Document = { gen: { $gt: 0 }, revoked: null }

/** Usable at that time: not revoked, and not expired. The TTL index is late, so it is never relied on for this. */
export function liveAt(ms: number): GrantFilter {
  return { ...NOT_REVOKED, expires: { $gt: new Date(ms) } }
}

/** The grant, as long as it is not revoked. */
export function unrevoked(id: string): GrantFilter {
  return { _id: is(id), ...NOT_REVOKED }
}

/** The one record that the caller's token turns: all that the ratchet expects of it. */
export function turnable(id: string, expected: TurnExpectation): GrantFilter {
  const { now, generation, nonce, clientId, boundKey, maxFormat } = expected
  const unbound = { key: { $exists: false } }
  return {
    _id: is(id),
    gen: is(generation),
    nonce: is(nonce),
    client: is(clientId),
    ...(boundKey === undefined ? unbound : { $or: [unbound, { key: is(boundKey) }] }),
    format: { $lte: maxFormat },
    ...liveAt(now),
  }
}

/** What a revocation of one grant is for: its subject, and what its caller has read. */
export function meant({ subjectHashes, expected }: RevokeOptions): GrantFilter {
  return {
    ...(subjectHashes !== undefined && { subject: { $in: [...subjectHashes] } }),
    ...(expected?.nonce !== undefined && { nonce: is(expected.nonce) }),
    ...(expected?.revision !== undefined && { rev: is(expected.revision) }),
  }
}

/** What belongs into a subject's list. */
export function listed({ now, clientId, pending }: ListFilter): GrantFilter {
  return {
    ...(pending === true ? NOT_REVOKED : LISTABLE),
    ...(clientId !== undefined && { client: is(clientId) }),
    expires: { $gt: new Date(now) },
  }
}

/** What `revokeBySubject` answers: live and fitting, or ended by an earlier run of this very call. */
export function selected(filter: RevokeFilter): GrantFilter {
  const { at, by, clientId, sessionHash, except, exceptSessions, createdBefore } = filter
  return {
    $or: [liveAt(at), { 'revoked.by': is(by) }],
    ...(clientId !== undefined && { client: is(clientId) }),
    ...(sessionHash !== undefined && { session: is(sessionHash) }),
    ...(except !== undefined && { _id: { $ne: except } }),
    ...(exceptSessions !== undefined && { $nor: [{ session: { $in: [...exceptSessions] } }] }),
    ...(createdBefore !== undefined && { created: { $lt: new Date(createdBefore) } }),
  }
}

/** The subject's grants after a position, in the order of the subject index. */
export function afterPosition(hashes: readonly string[], after: SubjectPosition | undefined): GrantFilter {
  const subject = { subject: { $in: [...hashes] } }
  if (after === undefined) return subject
  const created = new Date(after.createdAt)
  return {
    ...subject,
    // Says nothing that the next line does not: it is the bound that the index scan starts at.
    created: { $gte: created },
    $or: [{ created: { $gt: created } }, { created: is(created), _id: { $gt: after.id } }],
  }
}
