import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'

import type {
  GrantPage,
  GrantRecord,
  GrantStore,
  Page,
  RevokeFilter,
  RevokeOptions,
  TurnChange,
  TurnExpectation,
} from '@oauth-ratchet/core'

export const SECOND = 1000
export const HOUR = 3600 * SECOND
export const DAY = 24 * HOUR

/** 128 random bits, as the core makes ids, nonces and the names of calls. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** A redeemed grant that lives for ten days without a turn, and for a hundred in all. */
export function sampleGrant(now: number, fields: Partial<GrantRecord> = {}): GrantRecord {
  return {
    id: randomId(),
    clientId: 'client-a',
    subjectHash: 'subject-a',
    generation: 1,
    nonce: randomId(),
    accessNonce: randomId(),
    createdAt: now,
    turnedAt: now,
    idleLifetime: 10 * DAY,
    absoluteExpiresAt: now + 100 * DAY,
    expiresAt: now + 10 * DAY,
    revision: 0,
    format: 1,
    facts: 'facts-sealed',
    ...fields,
  }
}

/** An authorization code nobody has redeemed yet. */
export function sampleCode(now: number, fields: Partial<GrantRecord> = {}): GrantRecord {
  return sampleGrant(now, { generation: 0, expiresAt: now + HOUR, codeProof: 'code-proof', ...fields })
}

/** A grant in which every optional field is filled. */
export function fullGrant(now: number): GrantRecord {
  return sampleGrant(now, {
    sessionHash: 'session-a',
    boundKey: 'thumbprint-a',
    codeProof: 'code-proof',
    generation: 7,
    previousNonce: randomId(),
    keyHash: 'key-hash-7',
    previousKeyHash: 'key-hash-6',
    revision: 3,
    format: 2,
    offline: true,
    seen: 'seen-sealed',
  })
}

/** What the holder of the record's current token expects of it. */
export function expectationOf(
  record: GrantRecord,
  now: number,
  fields: Partial<TurnExpectation> = {},
): TurnExpectation {
  return {
    now,
    generation: record.generation,
    nonce: record.nonce,
    clientId: record.clientId,
    ...(record.boundKey !== undefined && { boundKey: record.boundKey }),
    maxFormat: record.format,
    ...fields,
  }
}

export function sampleChange(fields: Partial<TurnChange> = {}): TurnChange {
  return { nonce: randomId(), maxIdleLifetime: null, maxAbsoluteLifetime: null, ...fields }
}

export function revokeOptions(at: number, fields: Partial<RevokeOptions> = {}): RevokeOptions {
  return { keepUntil: at + HOUR, by: randomId(), ...fields }
}

export function revokeFilter(at: number, fields: Partial<RevokeFilter> = {}): RevokeFilter {
  return { at, reason: 'revoked', keepUntil: at + HOUR, by: randomId(), ...fields }
}

/** The record that must be there. */
export async function foundGrant(grants: GrantStore, id: string): Promise<GrantRecord> {
  const grant = await grants.find(id)
  assert.ok(grant !== undefined, 'the grant should be there')
  return grant
}

export async function createAll(grants: GrantStore, records: readonly GrantRecord[]): Promise<void> {
  // So few that a storage with a limit of time for each call keeps it on a busy machine.
  const BATCH = 25
  for (let start = 0; start < records.length; start += BATCH) {
    const created = await Promise.all(
      records.slice(start, start + BATCH).map((record) => grants.create(record)),
    )
    assert.ok(
      created.every((answer) => answer),
      'every grant should have been created',
    )
  }
}

/** Whether both are the same record, whatever realm made the objects, and "undefined" being "absent". */
export function assertSameGrant(actual: GrantRecord | undefined, expected: GrantRecord): void {
  assert.deepEqual(plain(actual), plain(expected))
}

/** Every page of a listing, from the first to the last. */
export async function allPages<Listed extends { readonly cursor?: string }>(
  limit: number,
  list: (page: Page) => Promise<Listed>,
): Promise<Listed[]> {
  const pages: Listed[] = []
  let cursor: string | undefined
  do {
    const page: Listed = await list(cursor === undefined ? { limit } : { cursor, limit })
    pages.push(page)
    assert.notEqual(page.cursor ?? null, cursor ?? false, 'a cursor should lead on')
    cursor = page.cursor
    assert.ok(pages.length <= 100_000, 'the pages should come to an end')
  } while (cursor !== undefined)
  return pages
}

/** The grants of a whole walk, in its order; no page may hold more than its limit. */
export async function walkGrants(
  limit: number,
  list: (page: Page) => Promise<GrantPage>,
): Promise<GrantRecord[]> {
  const pages = await allPages(limit, list)
  for (const { grants } of pages) assert.ok(grants.length <= limit, 'a page should not exceed its limit')
  return pages.flatMap(({ grants }) => [...grants])
}

export function idsOf(records: readonly { readonly id: string }[]): string[] {
  return records.map(({ id }) => id)
}

/** How many of the answers are yes. */
export function countTrue(answers: readonly boolean[]): number {
  return answers.filter((answer) => answer).length
}

function plain(record: GrantRecord | undefined): unknown {
  if (record === undefined) return undefined
  const present = Object.entries(record).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(present), ...(record.revoked && { revoked: { ...record.revoked } }) }
}
