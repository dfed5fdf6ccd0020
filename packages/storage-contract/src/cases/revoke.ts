import assert from 'node:assert/strict'

import { defineCases } from '../define-cases.js'
import {
  assertSameGrant,
  createAll,
  expectationOf,
  foundGrant,
  fullGrant,
  HOUR,
  randomId,
  revokeOptions,
  sampleChange,
  sampleCode,
  sampleGrant,
} from '../samples.js'

export const revokeCases = defineCases('revoke', {
  'a live grant is ended: it keeps what late tokens are judged by and loses what was sealed': async ({
    grants,
    now,
  }) => {
    const record = fullGrant(now)
    await grants.create(record)
    const at = now + HOUR
    const options = { keepUntil: at + HOUR, by: 'call-1' }
    const { ended, before } = await grants.revoke(record.id, 'reuse', at, options)
    assert.equal(ended, true)
    assertSameGrant(before, record)
    const { seen: _, ...kept } = record
    assertSameGrant(await grants.find(record.id), {
      ...kept,
      facts: '',
      expiresAt: options.keepUntil,
      revoked: { at, reason: 'reuse', by: 'call-1' },
    })
  },

  'an unredeemed code is ended too': async ({ grants, now }) => {
    const code = sampleCode(now)
    await grants.create(code)
    const { ended } = await grants.revoke(code.id, 'code_replay', now, revokeOptions(now))
    assert.equal(ended, true)
    const { turned } = await grants.turn(code.id, expectationOf(code, now), sampleChange())
    assert.equal(turned, false)
  },

  'a grant is ended once: the first reason, time and caller stay': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const first = revokeOptions(now)
    await grants.revoke(record.id, 'reuse', now, first)
    const revoked = await foundGrant(grants, record.id)
    const { ended, before } = await grants.revoke(record.id, 'revoked', now + 1, {
      ...revokeOptions(now),
      keepUntil: first.keepUntil,
    })
    assert.equal(ended, false)
    assertSameGrant(before, revoked)
    assertSameGrant(await grants.find(record.id), revoked)
  },

  'the same call run twice by a driver is answered as having ended the grant both times': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const options = revokeOptions(now)
    await grants.revoke(record.id, 'revoked', now, options)
    const revoked = await foundGrant(grants, record.id)
    const second = await grants.revoke(record.id, 'revoked', now, options)
    assert.equal(second.ended, true)
    assertSameGrant(second.before, revoked)
    assertSameGrant(await grants.find(record.id), revoked)
  },

  'a revoked grant is kept as long as any of its revocations asked for': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now, { keepUntil: now + 2 * HOUR }))
    await grants.revoke(record.id, 'reuse', now, revokeOptions(now, { keepUntil: now + HOUR }))
    assert.equal((await foundGrant(grants, record.id)).expiresAt, now + 2 * HOUR)
    await grants.revoke(record.id, 'reuse', now, revokeOptions(now, { keepUntil: now + 3 * HOUR }))
    const found = await foundGrant(grants, record.id)
    assert.equal(found.expiresAt, now + 3 * HOUR)
    assert.equal(found.revoked?.reason, 'revoked')
  },

  'after a revocation nothing else changes the record': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    const revoked = await foundGrant(grants, record.id)
    await grants.turn(record.id, expectationOf(record, now), sampleChange({ seen: 'next-seen' }))
    await grants.amend(record.id, record.revision, { now, facts: 'next-facts', seen: 'next-seen' })
    await grants.renewAccessNonce(record.id, 'renewed')
    await grants.create(record)
    assertSameGrant(await grants.find(record.id), revoked)
  },

  'a revocation of an absent id leaves a tombstone': async ({ grants, now }) => {
    const id = randomId()
    const options = revokeOptions(now)
    const { ended, before } = await grants.revoke(id, 'reuse', now, options)
    assert.equal(ended, false)
    assert.equal(before, undefined)
    assertSameGrant(await grants.find(id), {
      id,
      clientId: '',
      subjectHash: '',
      generation: 0,
      nonce: '',
      accessNonce: '',
      createdAt: 0,
      turnedAt: 0,
      idleLifetime: 0,
      absoluteExpiresAt: 0,
      expiresAt: options.keepUntil,
      revision: 0,
      revoked: { at: now, reason: 'reuse', by: options.by },
      format: 0,
      facts: '',
    })
  },

  'a tombstone is not an ending, however often its call is run': async ({ grants, now }) => {
    const id = randomId()
    const options = revokeOptions(now)
    await grants.revoke(id, 'reuse', now, options)
    const again = await grants.revoke(id, 'reuse', now, options)
    assert.equal(again.ended, false)
    const other = await grants.revoke(id, 'reuse', now, revokeOptions(now))
    assert.equal(other.ended, false)
  },

  'a tombstone keeps a sign-in or a refresh in flight from bringing the grant to life': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    assert.equal(await grants.create(record), false)
    const { turned } = await grants.turn(record.id, expectationOf(record, now), sampleChange())
    assert.equal(turned, false)
    assert.ok((await foundGrant(grants, record.id)).revoked)
    const listed = await grants.listBySubject([record.subjectHash, ''], { now }, { limit: 10 })
    assert.equal(listed.grants.length, 0)
  },

  'an expired grant is not ended, and a tombstone takes its place': async ({ grants, now }) => {
    const record = sampleGrant(now, { expiresAt: now + HOUR })
    await grants.create(record)
    const at = now + HOUR
    const options = revokeOptions(at)
    const { ended } = await grants.revoke(record.id, 'revoked', at, options)
    assert.equal(ended, false)
    const found = await foundGrant(grants, record.id)
    assert.deepEqual({ ...found.revoked }, { at, reason: 'revoked', by: options.by })
    assert.equal(found.clientId, '')
    assert.equal(found.expiresAt, options.keepUntil)
    assert.equal((await grants.revoke(record.id, 'revoked', at, options)).ended, false)
  },

  'a revocation that comes after the end of an earlier one is kept as long as it asked for': async ({
    grants,
    now,
  }) => {
    const id = randomId()
    await grants.revoke(id, 'revoked', now, revokeOptions(now))
    await grants.revoke(id, 'reuse', now + 2 * HOUR, revokeOptions(now + 2 * HOUR))
    const found = await foundGrant(grants, id)
    assert.ok(found.revoked)
    assert.equal(found.expiresAt, now + 3 * HOUR)
  },

  "a revocation for a subject ends that subject's grant": async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const { ended } = await grants.revoke(
      record.id,
      'revoked',
      now,
      revokeOptions(now, { subjectHashes: ['subject-under-old-secret', record.subjectHash] }),
    )
    assert.equal(ended, true)
    assert.ok((await foundGrant(grants, record.id)).revoked)
  },

  "a revocation for a subject leaves another subject's grant alone": async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    for (const subjectHashes of [['subject-b'], ['subject-b', ''], []]) {
      const { ended, before } = await grants.revoke(
        record.id,
        'revoked',
        now,
        revokeOptions(now, { subjectHashes }),
      )
      assert.equal(ended, false)
      assertSameGrant(before, record)
    }
    assertSameGrant(await grants.find(record.id), record)
  },

  'a revocation for a subject leaves no tombstone for an absent id, and none for an expired grant': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now, { expiresAt: now + HOUR })
    const options = revokeOptions(now + HOUR, { subjectHashes: [record.subjectHash] })
    const absent = await grants.revoke(record.id, 'revoked', now + HOUR, options)
    assert.deepEqual([absent.ended, absent.before], [false, undefined])
    assert.equal(await grants.create(record), true)
    const expired = await grants.revoke(record.id, 'revoked', now + HOUR, options)
    assert.equal(expired.ended, false)
    assert.equal((await grants.find(record.id))?.revoked, undefined)
  },

  'a revocation that expects what the caller has read ends the grant, also when a driver runs it twice':
    async ({ grants, now }) => {
      for (const names of [['nonce'], ['revision'], ['nonce', 'revision']] as const) {
        const record = sampleGrant(now, { revision: 3 })
        await grants.create(record)
        const expected = Object.fromEntries(names.map((name) => [name, record[name]]))
        const options = revokeOptions(now, { expected })
        assert.equal((await grants.revoke(record.id, 'limit', now, options)).ended, true)
        assert.equal((await grants.revoke(record.id, 'limit', now, options)).ended, true)
        assert.equal((await foundGrant(grants, record.id)).revoked?.reason, 'limit')
      }
    },

  'a revocation leaves a grant alone that has been refreshed since the caller read it': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const { grant } = await grants.turn(record.id, expectationOf(record, now), sampleChange())
    assert.ok(grant)
    const options = revokeOptions(now, { expected: { nonce: record.nonce } })
    const { ended, before } = await grants.revoke(record.id, 'limit', now, options)
    assert.equal(ended, false)
    assertSameGrant(before, grant)
    assertSameGrant(await grants.find(record.id), grant)
  },

  'a revocation leaves a grant alone that has been amended since the caller read it': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.amend(record.id, 0, { now, facts: 'amended' })
    const options = revokeOptions(now, { expected: { nonce: record.nonce, revision: 0 } })
    assert.equal((await grants.revoke(record.id, 'revoked', now, options)).ended, false)
    assert.equal((await foundGrant(grants, record.id)).revoked, undefined)
  },

  'a revocation that expects something leaves no tombstone for an absent id': async ({ grants, now }) => {
    const record = sampleGrant(now)
    for (const expected of [{ nonce: record.nonce }, { revision: 0 }]) {
      const { ended, before } = await grants.revoke(
        record.id,
        'revoked',
        now,
        revokeOptions(now, { expected }),
      )
      assert.deepEqual([ended, before], [false, undefined])
    }
    assert.equal(await grants.create(record), true)
  },

  'a revocation touches no other grant': async ({ grants, now }) => {
    const [one, other] = [fullGrant(now), fullGrant(now)]
    await createAll(grants, [one, other])
    await grants.revoke(one.id, 'revoked', now, revokeOptions(now))
    assertSameGrant(await grants.find(other.id), other)
  },
})
