import assert from 'node:assert/strict'

import type { GrantRecord, TurnExpectation } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import type { CaseBodies } from '../define-cases.js'
import {
  assertSameGrant,
  expectationOf,
  foundGrant,
  fullGrant,
  HOUR,
  randomId,
  revokeOptions,
  sampleChange,
} from '../samples.js'

/** One thing at a time that does not fit: what the expectation says in place of what the record has. */
const MISFITS: Readonly<Record<string, (record: GrantRecord) => Partial<TurnExpectation>>> = {
  'at an earlier generation': ({ generation }) => ({ generation: generation - 1 }),
  'at a later generation': ({ generation }) => ({ generation: generation + 1 }),
  'with another nonce': () => ({ nonce: randomId() }),
  'with the previous nonce': ({ previousNonce }) => ({ nonce: previousNonce ?? '' }),
  'with an empty nonce': () => ({ nonce: '' }),
  'for another client': () => ({ clientId: 'client-b' }),
  'for a client whose id differs in case only': ({ clientId }) => ({ clientId: clientId.toUpperCase() }),
  'with another key than the one the grant is bound to': () => ({ boundKey: 'thumbprint-b' }),
  'for a caller that does not know the format': ({ format }) => ({ maxFormat: format - 1 }),
  'at the time of its expiry': ({ expiresAt }) => ({ now: expiresAt }),
  'after its expiry': ({ expiresAt }) => ({ now: expiresAt + HOUR }),
}

const misfitBodies: CaseBodies = Object.fromEntries(
  Object.entries(MISFITS).map(([misfit, fields]) => [
    `a grant does not turn ${misfit}`,
    async ({ grants, now }) => {
      const record = fullGrant(now)
      await grants.create(record)
      const expected = { ...expectationOf(record, now), ...fields(record) }
      const { turned, grant } = await grants.turn(
        record.id,
        expected,
        sampleChange({
          keyHash: 'next-key',
          seen: 'next-seen',
          reseal: { revision: record.revision, format: 1, facts: 'next-facts', subjectHash: 'next-subject' },
        }),
      )
      assert.equal(turned, false)
      assertSameGrant(grant, record)
      assertSameGrant(await grants.find(record.id), record)
    },
  ]),
)

export const turnRefusedCases = defineCases('turn refused', {
  ...misfitBodies,

  'a grant does not turn without the key it is bound to': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    const { boundKey: _, ...expected } = expectationOf(record, now)
    const { turned, grant } = await grants.turn(record.id, expected, sampleChange())
    assert.equal(turned, false)
    assertSameGrant(grant, record)
    assertSameGrant(await grants.find(record.id), record)
  },

  'a revoked grant does not turn': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    const revoked = await foundGrant(grants, record.id)
    const { turned, grant } = await grants.turn(
      record.id,
      expectationOf(record, now),
      sampleChange({ seen: 'next-seen' }),
    )
    assert.equal(turned, false)
    assertSameGrant(grant, revoked)
    assertSameGrant(await grants.find(record.id), revoked)
  },

  'an absent grant does not turn, and does not come to be': async ({ grants, now }) => {
    const record = fullGrant(now)
    const { turned, grant } = await grants.turn(record.id, expectationOf(record, now), sampleChange())
    assert.equal(turned, false)
    assert.equal(grant, undefined)
    assert.equal(await grants.find(record.id), undefined)
  },
})
