import assert from 'node:assert/strict'

import { defineCases } from '../define-cases.js'
import {
  assertSameGrant,
  createAll,
  DAY,
  expectationOf,
  foundGrant,
  fullGrant,
  HOUR,
  sampleChange,
  sampleCode,
  sampleGrant,
  SECOND,
} from '../samples.js'
import { TROUBLESOME_STRINGS } from './create.js'

export const turnCases = defineCases('turn', {
  'a turn moves the generation, the nonces, the times, and nothing else': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const later = now + HOUR
    const result = await grants.turn(
      record.id,
      expectationOf(record, later),
      sampleChange({ nonce: 'next-nonce' }),
    )
    const expected = {
      ...record,
      generation: 2,
      nonce: 'next-nonce',
      previousNonce: record.nonce,
      turnedAt: later,
      expiresAt: later + 10 * DAY,
    }
    assert.equal(result.turned, true)
    assertSameGrant(result.grant, expected)
    assertSameGrant(await grants.find(record.id), expected)
  },

  'a turn keeps every field that it is not about': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    const { grant } = await grants.turn(
      record.id,
      expectationOf(record, now + SECOND),
      sampleChange({ nonce: 'next-nonce', keyHash: 'next-key', seen: 'next-seen' }),
    )
    assertSameGrant(grant, {
      ...record,
      generation: record.generation + 1,
      nonce: 'next-nonce',
      previousNonce: record.nonce,
      keyHash: 'next-key',
      previousKeyHash: 'key-hash-7',
      turnedAt: now + SECOND,
      expiresAt: now + SECOND + 10 * DAY,
      seen: 'next-seen',
    })
  },

  'a code turns into the first refresh token, and its short expiry into the idle limit': async ({
    grants,
    now,
  }) => {
    const code = sampleCode(now)
    await grants.create(code)
    const { turned, grant } = await grants.turn(code.id, expectationOf(code, now + SECOND), sampleChange())
    assert.equal(turned, true)
    assert.equal(grant?.generation, 1)
    assert.equal(grant.previousNonce, code.nonce)
    assert.equal(grant.codeProof, code.codeProof)
    assert.equal(grant.expiresAt, now + SECOND + 10 * DAY)
  },

  'only the latest previous nonce is kept': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const first = await grants.turn(record.id, expectationOf(record, now), sampleChange())
    assert.ok(first.grant)
    const second = await grants.turn(record.id, expectationOf(first.grant, now), sampleChange())
    assert.equal(second.turned, true)
    assert.equal(second.grant?.previousNonce, first.grant.nonce)
    assert.ok(!JSON.stringify(second.grant).includes(record.nonce), 'the nonce before that should be gone')
  },

  'the key hash of a turn becomes the previous one at the next, and leaves with the one after': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const first = await grants.turn(record.id, expectationOf(record, now), sampleChange({ keyHash: 'key-1' }))
    assert.ok(first.grant)
    assert.equal(first.grant.keyHash, 'key-1')
    assert.equal(first.grant.previousKeyHash, undefined)
    const second = await grants.turn(record.id, expectationOf(first.grant, now), sampleChange())
    assert.ok(second.grant)
    assert.equal(second.grant.keyHash, undefined, 'a turn without a key leaves none')
    assert.equal(second.grant.previousKeyHash, 'key-1')
    const third = await grants.turn(record.id, expectationOf(second.grant, now), sampleChange())
    assertSameGrant(await grants.find(record.id), {
      ...record,
      generation: 4,
      nonce: third.grant?.nonce ?? '',
      previousNonce: second.grant.nonce,
    })
  },

  'what was last seen is replaced when the turn says so and stays when it does not': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now, { seen: 'seen-1' })
    await grants.create(record)
    const silent = await grants.turn(record.id, expectationOf(record, now), sampleChange())
    assert.ok(silent.grant)
    assert.equal(silent.grant.seen, 'seen-1')
    const telling = await grants.turn(
      record.id,
      expectationOf(silent.grant, now),
      sampleChange({ seen: 'seen-2' }),
    )
    assert.equal(telling.grant?.seen, 'seen-2')
    assert.equal((await foundGrant(grants, record.id)).seen, 'seen-2')
  },

  'strings that mean something to an engine go through a turn as they are': async ({ grants, now }) => {
    for (const text of TROUBLESOME_STRINGS) {
      const record = sampleGrant(now, { nonce: `first ${text}`, clientId: text, boundKey: text })
      await grants.create(record)
      const { turned, grant } = await grants.turn(
        record.id,
        expectationOf(record, now),
        sampleChange({ nonce: `next ${text}`, keyHash: text, seen: text }),
      )
      assert.equal(turned, true)
      assertSameGrant(grant, {
        ...record,
        generation: 2,
        nonce: `next ${text}`,
        previousNonce: record.nonce,
        keyHash: text,
        seen: text,
      })
    }
  },

  'a generation beyond 32 bits goes up by one': async ({ grants, now }) => {
    const record = sampleGrant(now, { generation: 4_294_967_296 })
    await grants.create(record)
    const { grant } = await grants.turn(record.id, expectationOf(record, now), sampleChange())
    assert.equal(grant?.generation, 4_294_967_297)
  },

  'a grant that is bound to a key turns with that key, and one that is not with any': async ({
    grants,
    now,
  }) => {
    const bound = sampleGrant(now, { boundKey: 'thumbprint-a' })
    const free = sampleGrant(now)
    await createAll(grants, [bound, free])
    for (const record of [bound, free]) {
      const expected = expectationOf(record, now, { boundKey: 'thumbprint-a' })
      assert.equal((await grants.turn(record.id, expected, sampleChange())).turned, true)
    }
  },

  'a record turns for a caller that knows its format or a newer one': async ({ grants, now }) => {
    for (const maxFormat of [2, 3]) {
      const record = sampleGrant(now, { format: 2 })
      await grants.create(record)
      const { turned } = await grants.turn(
        record.id,
        expectationOf(record, now, { maxFormat }),
        sampleChange(),
      )
      assert.equal(turned, true)
    }
  },

  'a grant turns up to the last millisecond before its expiry': async ({ grants, now }) => {
    const record = sampleGrant(now, { expiresAt: now + HOUR })
    await grants.create(record)
    const { turned } = await grants.turn(record.id, expectationOf(record, now + HOUR - 1), sampleChange())
    assert.equal(turned, true)
  },

  'the caps of a turn for offline access are those of grants that have it, and of no others': async ({
    grants,
    now,
  }) => {
    const at = now + SECOND
    const unlimited = { idleLifetime: 10 * DAY, absoluteExpiresAt: null }
    const caps = [
      { maxIdleLifetime: HOUR, maxAbsoluteLifetime: null, ends: at + HOUR },
      { maxIdleLifetime: null, maxAbsoluteLifetime: 2 * HOUR, ends: now + 2 * HOUR },
      { maxIdleLifetime: null, maxAbsoluteLifetime: null, ends: at + 10 * DAY },
    ]
    for (const { ends: forOthers, ...others } of caps) {
      for (const { ends: forOffline, ...offline } of caps) {
        const online = sampleGrant(now, unlimited)
        const away = sampleGrant(now, { ...unlimited, offline: true })
        await createAll(grants, [online, away])
        const turned = await Promise.all(
          [online, away].map((record) =>
            grants.turn(record.id, expectationOf(record, at), sampleChange({ ...others, offline })),
          ),
        )
        assert.deepEqual(
          turned.map(({ grant }) => grant?.expiresAt),
          [forOthers, forOffline],
        )
        assert.deepEqual(
          turned.map(({ grant }) => grant?.offline),
          [undefined, true],
        )
      }
    }
  },

  'a turn without caps for offline access caps every grant alike, sealed anew or not': async ({
    grants,
    now,
  }) => {
    for (const reseal of [undefined, { revision: 0, format: 1, facts: 'anew', subjectHash: 'new' }]) {
      const record = sampleGrant(now, { offline: true })
      await grants.create(record)
      const change = sampleChange({ maxIdleLifetime: HOUR, ...(reseal && { reseal }) })
      const { grant } = await grants.turn(record.id, expectationOf(record, now), change)
      assert.equal(grant?.expiresAt, now + HOUR)
      assert.equal(grant.offline, true)
      const again = sampleChange({
        ...(reseal && { reseal: { ...reseal, revision: 1 } }),
        offline: { maxIdleLifetime: 2 * HOUR, maxAbsoluteLifetime: null },
      })
      const second = await grants.turn(record.id, expectationOf(grant, now), again)
      assert.equal(second.grant?.expiresAt, now + 2 * HOUR)
    }
  },

  'a turn run twice by a driver happens once, and the second answer carries the nonce of its caller': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now, { keyHash: 'key-1' })
    await grants.create(record)
    const expected = expectationOf(record, now)
    const next = sampleChange({ keyHash: 'key-2' })
    const first = await grants.turn(record.id, expected, next)
    const second = await grants.turn(record.id, expected, next)
    assert.equal(first.turned, true)
    assert.equal(second.turned, false)
    assert.equal(second.grant?.nonce, next.nonce)
    assert.ok(first.grant)
    assertSameGrant(second.grant, first.grant)
    assertSameGrant(await grants.find(record.id), first.grant)
  },

  'the loser of a turn is answered what its token is judged by': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const expected = expectationOf(record, now)
    const winner = sampleChange({ keyHash: 'key-of-the-winner' })
    await grants.turn(record.id, expected, winner)
    const { turned, grant } = await grants.turn(
      record.id,
      { ...expected, now: now + SECOND },
      sampleChange({ keyHash: 'key-of-the-loser' }),
    )
    assert.equal(turned, false)
    assert.equal(grant?.generation, record.generation + 1)
    assert.equal(grant.previousNonce, record.nonce)
    assert.equal(grant.nonce, winner.nonce)
    assert.equal(grant.keyHash, 'key-of-the-winner')
    assert.equal(grant.turnedAt, now)
  },

  'a turn touches no other grant': async ({ grants, now }) => {
    const [one, other] = [fullGrant(now), fullGrant(now)]
    await createAll(grants, [one, other])
    await grants.turn(one.id, expectationOf(one, now), sampleChange())
    assertSameGrant(await grants.find(other.id), other)
  },
})
