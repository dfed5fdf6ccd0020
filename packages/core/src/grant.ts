import { splitScope } from './clients/client.js'
import type { Facts } from './ratchet/sealing.js'
import type { GrantRecord } from './storage/storage.js'

/** What the app knows of somebody who has just signed in. */
export interface SignIn {
  /** Who it is: an identifier that never changes and is never given to someone else. */
  readonly subject: string
  /** Claims for `req.auth`, introspection and JWT access tokens. Names that RFC 9068 defines are refused. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** When the sign-in happened: a Date, or seconds since the epoch. */
  readonly authTime?: Date | number
  /** @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
  readonly acr?: string
  readonly amr?: readonly string[]
  /** The app's own session, so that its end can end the grants made in it. Stored as a keyed hash. */
  readonly session?: string
  /** Shortens this grant's limits, in seconds. */
  readonly lifetimes?: { readonly idle?: number; readonly absolute?: number }
  /** The app's own notes on this grant: a device name, say. Not given to clients. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A grant as apps see it. Times are milliseconds since the epoch, but for `authTime`, which is in seconds. */
export interface Grant {
  readonly id: string
  readonly clientId: string
  /** Undefined once the grant has ended: what identifies a person is erased with it. */
  readonly subject: string | undefined
  readonly scope: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly authTime: number | undefined
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly resources: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly createdAt: number
  /** The latest refresh; `createdAt` before the first. */
  readonly lastUsedAt: number
  readonly expiresAt: number
  /** `pending`: an authorization code that was not redeemed yet. */
  readonly status: 'active' | 'pending' | 'revoked' | 'expired'
}

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
