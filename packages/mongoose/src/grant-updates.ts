import type { GrantChanges, LifetimeCaps, Reseal, Revocation, TurnChange } from '@oauth-ratchet/core'
import type { mongo } from 'mongoose'

import { dateOrNull } from './grant-documents.js'
import type { GrantDocument } from './grant-documents.js'

/**
 * What the writes make of a document. A turn and an amendment are update pipelines of one `$set` stage: every
 * expression in it reads the document as it was, so that a field can be copied and replaced in the same write. Each
 * value from outside is a `$literal`, or one that begins with `$` would be read as a path.
 */

type Expression = string | number | null | { readonly [operator: string]: unknown }

/** A field that is set to it is afterwards absent. */
const REMOVED = '$$REMOVE'

/** The turn of a document that fits `turnable`. */
export function turnPipeline(now: number, next: TurnChange): mongo.Document[] {
  const { nonce, keyHash, seen, reseal, offline } = next
  const { idle, cap } = offline === undefined ? capped(next) : cappedByKind(capped(offline), capped(next))
  return [
    {
      $set: {
        gen: { $add: ['$gen', 1] },
        nonce: literal(nonce),
        prev: '$nonce',
        idem: keyHash === undefined ? REMOVED : literal(keyHash),
        // Absent where there was none: a path that leads nowhere is no value.
        prevIdem: '$idem',
        turned: literal(new Date(now)),
        expires: earliest({ $add: [literal(new Date(now)), idle] }, '$absolute', cap),
        ...(seen !== undefined && { seen: literal(seen) }),
        ...(reseal !== undefined && resealed(reseal)),
      },
    },
  ]
}

interface Capped {
  readonly idle: Expression
  readonly cap: Expression
}

function capped({ maxIdleLifetime, maxAbsoluteLifetime }: LifetimeCaps): Capped {
  return {
    idle: maxIdleLifetime === null ? '$idle' : { $min: ['$idle', literal(maxIdleLifetime)] },
    cap: maxAbsoluteLifetime === null ? null : { $add: ['$created', literal(maxAbsoluteLifetime)] },
  }
}

function cappedByKind(offline: Capped, others: Capped): Capped {
  const isOffline = { $eq: ['$offline', literal(true)] }
  return {
    idle: { $cond: [isOffline, offline.idle, others.idle] },
    cap: { $cond: [isOffline, offline.cap, others.cap] },
  }
}

/** Every field on the same condition, so that facts and hashes change together or not at all. */
function resealed(reseal: Reseal): Record<string, Expression> {
  const { revision, format, facts, subjectHash, sessionHash } = reseal
  const fits = { $eq: ['$rev', literal(revision)] }
  const replaced = (value: Expression, present: string): Expression => ({ $cond: [fits, value, present] })
  return {
    rev: replaced({ $add: ['$rev', 1] }, '$rev'),
    format: replaced(literal(format), '$format'),
    facts: replaced(literal(facts), '$facts'),
    subject: replaced(literal(subjectHash), '$subject'),
    session: replaced(sessionHash === undefined ? REMOVED : literal(sessionHash), '$session'),
  }
}

export function amendPipeline(changes: GrantChanges): mongo.Document[] {
  const { facts, format, seen, lifetimes } = changes
  return [
    {
      $set: {
        rev: { $add: ['$rev', 1] },
        ...(facts !== undefined && { facts: literal(facts) }),
        ...(format !== undefined && { format: literal(format) }),
        ...(seen !== undefined && { seen: literal(seen) }),
        ...(lifetimes !== undefined && newLimits(lifetimes)),
      },
    },
  ]
}

function newLimits(lifetimes: NonNullable<GrantChanges['lifetimes']>): Record<string, Expression> {
  const idle = literal(lifetimes.idleLifetime)
  const absolute = literal(dateOrNull(lifetimes.absoluteExpiresAt))
  const moved = earliest({ $add: ['$turned', idle] }, absolute)
  return {
    idle,
    absolute,
    // A code keeps its own short expiry: the limits count from its redemption on.
    expires: { $cond: [{ $gt: ['$gen', 0] }, moved, '$expires'] },
  }
}

/** The end of a live grant: what judges late tokens stays, what was sealed goes. */
export function revocationUpdate(
  revoked: Revocation,
  keepUntil: number,
): { $set: Partial<GrantDocument>; $unset: { seen: true } } {
  const { at, reason, by } = revoked
  return {
    $set: { revoked: { at: new Date(at), reason, by }, facts: '', expires: new Date(keepUntil) },
    $unset: { seen: true },
  }
}

function literal(value: string | number | boolean | Date | null): Expression {
  return { $literal: value }
}

/** The smallest of the limits. Null is none: `$add` makes null of it, and `$min` passes it over. */
function earliest(...limits: Expression[]): Expression {
  return { $min: limits }
}
