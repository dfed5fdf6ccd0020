import assert from 'node:assert/strict'

import type { GrantStore, Page, Reseal } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import {
  assertSameGrant,
  DAY,
  expectationOf,
  idsOf,
  revokeFilter,
  sampleChange,
  sampleGrant,
  walkGrants,
} from '../samples.js'

const RESEAL = {
  revision: 3,
  format: 2,
  facts: 'facts-sealed-anew',
  subjectHash: 'subject-under-new-secret',
  sessionHash: 'session-under-new-secret',
} as const satisfies Reseal

async function listedUnder(grants: GrantStore, hash: string, now: number): Promise<string[]> {
  return idsOf(await walkGrants(10, (page) => grants.listBySubject([hash], { now }, page)))
}

export const resealCases = defineCases('reseal', {
  'a turn with facts sealed anew replaces them and the hashes beside them, and counts the revision': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now, { revision: 3, sessionHash: 'session-a', seen: 'seen-sealed' })
    await grants.create(record)
    const next = sampleChange({ reseal: RESEAL })
    const { turned, grant } = await grants.turn(record.id, expectationOf(record, now, { maxFormat: 2 }), next)
    assert.equal(turned, true)
    const expected = {
      ...record,
      generation: 2,
      nonce: next.nonce,
      previousNonce: record.nonce,
      expiresAt: now + 10 * DAY,
      revision: 4,
      format: 2,
      facts: RESEAL.facts,
      subjectHash: RESEAL.subjectHash,
      sessionHash: 'session-under-new-secret',
    }
    assertSameGrant(grant, expected)
    assertSameGrant(await grants.find(record.id), expected)
  },

  'a grant that was sealed anew is listed under its new hash only': async ({ grants, now }) => {
    const record = sampleGrant(now, { revision: 3 })
    await grants.create(record)
    await grants.turn(record.id, expectationOf(record, now), sampleChange({ reseal: RESEAL }))
    assert.deepEqual(await listedUnder(grants, RESEAL.subjectHash, now), [record.id])
    assert.deepEqual(await listedUnder(grants, record.subjectHash, now), [])
  },

  'a revocation leaves a session alone that the facts were sealed anew with': async ({ grants, now }) => {
    const record = sampleGrant(now, { revision: 3, sessionHash: 'session-a' })
    await grants.create(record)
    await grants.turn(record.id, expectationOf(record, now), sampleChange({ reseal: RESEAL }))
    const filter = revokeFilter(now, { exceptSessions: [RESEAL.sessionHash] })
    const end = (page: Page) => grants.revokeBySubject([RESEAL.subjectHash], filter, page)
    assert.deepEqual(await walkGrants(10, end), [])
    const others = revokeFilter(now, { exceptSessions: ['session-a'] })
    const ended = await walkGrants(10, (page) => grants.revokeBySubject([RESEAL.subjectHash], others, page))
    assert.deepEqual(idsOf(ended), [record.id])
  },

  'facts sealed anew without a session leave none': async ({ grants, now }) => {
    const record = sampleGrant(now, { revision: 3, sessionHash: 'session-a' })
    await grants.create(record)
    const { sessionHash: _, ...reseal } = RESEAL
    const { grant } = await grants.turn(record.id, expectationOf(record, now), sampleChange({ reseal }))
    assert.ok(grant)
    assert.equal(grant.facts, RESEAL.facts)
    assert.equal(grant.sessionHash, undefined)
  },

  'facts sealed from an old revision are left out, and the turn happens all the same': async ({
    grants,
    now,
  }) => {
    for (const revision of [2, 4]) {
      const record = sampleGrant(now, {
        revision: 3,
        sessionHash: 'session-a',
        subjectHash: `at ${revision}`,
      })
      await grants.create(record)
      const next = sampleChange({ seen: 'next-seen', reseal: { ...RESEAL, revision } })
      const { turned, grant } = await grants.turn(record.id, expectationOf(record, now), next)
      assert.equal(turned, true)
      assertSameGrant(grant, {
        ...record,
        generation: 2,
        nonce: next.nonce,
        previousNonce: record.nonce,
        seen: 'next-seen',
      })
      assert.deepEqual(await listedUnder(grants, record.subjectHash, now), [record.id])
      assert.deepEqual(await listedUnder(grants, RESEAL.subjectHash, now), [])
    }
  },

  'a turn that is refused seals nothing anew': async ({ grants, now }) => {
    const record = sampleGrant(now, { revision: 3 })
    await grants.create(record)
    const expected = expectationOf(record, now, { nonce: 'another' })
    const { grant } = await grants.turn(record.id, expected, sampleChange({ reseal: RESEAL }))
    assertSameGrant(grant, record)
    assert.deepEqual(await listedUnder(grants, record.subjectHash, now), [record.id])
    assert.deepEqual(await listedUnder(grants, RESEAL.subjectHash, now), [])
  },

  'facts are sealed anew once, however often the turn is run': async ({ grants, now }) => {
    const record = sampleGrant(now, { revision: 3 })
    await grants.create(record)
    const next = sampleChange({ reseal: RESEAL })
    await grants.turn(record.id, expectationOf(record, now), next)
    const { grant } = await grants.turn(record.id, expectationOf(record, now, { maxFormat: 9 }), next)
    assert.equal(grant?.revision, 4)
    assert.deepEqual(await listedUnder(grants, RESEAL.subjectHash, now), [record.id])
  },
})
