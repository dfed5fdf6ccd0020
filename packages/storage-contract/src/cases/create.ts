import assert from 'node:assert/strict'

import { tombstone } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import {
  assertSameGrant,
  createAll,
  DAY,
  expectationOf,
  foundGrant,
  fullGrant,
  randomId,
  revokeOptions,
  sampleChange,
  sampleGrant,
  walkGrants,
} from '../samples.js'

/** Strings that mean something to some engine, and nothing here. */
export const TROUBLESOME_STRINGS = [
  '$nonce',
  '$$ROOT',
  '{ "$set": 1 }',
  "'; DROP TABLE grants; --",
  'a:b:{c}:*?[d]',
  '100% "quoted" \\ back\\slash',
  'line\r\nbreak\ttab',
  'Zoë 日本語 🗝️',
  ' leading and trailing ',
  '__proto__',
  '1e3',
  'null',
] as const

export const createCases = defineCases('create and find', {
  'a grant is found with every field as it was given': async ({ grants, now }) => {
    const record = fullGrant(now)
    assert.equal(await grants.create(record), true)
    assertSameGrant(await grants.find(record.id), record)
  },

  'fields that were not given are absent': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    assert.deepEqual(
      Object.keys(await foundGrant(grants, record.id)).toSorted(),
      Object.keys(record).toSorted(),
      'an optional field that is absent should not be there as a key either',
    )
  },

  'a limit of null stays null, and one of 0 stays 0': async ({ grants, now }) => {
    const records = [
      sampleGrant(now, { idleLifetime: null }),
      sampleGrant(now, { absoluteExpiresAt: null }),
      sampleGrant(now, { idleLifetime: 0 }),
    ]
    await createAll(grants, records)
    for (const record of records) assertSameGrant(await grants.find(record.id), record)
  },

  'an id that nothing was created under is not found': async ({ grants, now }) => {
    await grants.create(sampleGrant(now))
    assert.equal(await grants.find(randomId()), undefined)
    assert.equal(await grants.find('constructor'), undefined)
  },

  'a second record under an id is refused, and the first one stays': async ({ grants, now }) => {
    const first = sampleGrant(now)
    const second = sampleGrant(now, { id: first.id, clientId: 'client-b', subjectHash: 'subject-b' })
    await grants.create(first)
    assert.equal(await grants.create(second), false)
    assertSameGrant(await grants.find(first.id), first)
    const listed = await grants.listBySubject(['subject-b'], { now }, { limit: 10 })
    assert.equal(listed.grants.length, 0)
  },

  'the same create run twice by a driver is answered as created both times': async ({ grants, now }) => {
    const record = sampleGrant(now)
    assert.equal(await grants.create(record), true)
    assert.equal(await grants.create(record), true)
    assertSameGrant(await grants.find(record.id), record)
  },

  'a revoked grant is not replaced by a create': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    assert.equal(await grants.create(sampleGrant(now, { id: record.id })), false)
    const found = await foundGrant(grants, record.id)
    assert.ok(found.revoked)
    assert.equal(found.nonce, record.nonce)
  },

  'a record that has ended is created as it is, and nothing brings it to life': async ({ grants, now }) => {
    const revoked = { at: now, reason: 'reuse', by: randomId() } as const
    const ended = sampleGrant(now, { facts: '', expiresAt: now + DAY, revoked })
    const stone = tombstone(randomId(), { at: now, reason: 'revoked', by: randomId() }, now + DAY)
    await createAll(grants, [ended, stone])
    for (const record of [ended, stone]) {
      assertSameGrant(await grants.find(record.id), record)
      const { turned } = await grants.turn(record.id, expectationOf(record, now), sampleChange())
      assert.equal(turned, false)
      assert.equal(await grants.create(sampleGrant(now, { id: record.id })), false)
      const again = await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
      assert.equal(again.ended, false)
      assertSameGrant(await grants.find(record.id), record)
    }
    assert.deepEqual(
      await walkGrants(10, (page) => grants.listBySubject(['subject-a', ''], { now }, page)),
      [],
    )
  },

  'strings that mean something to an engine are kept as they are': async ({ grants, now }) => {
    const records = TROUBLESOME_STRINGS.map((text) =>
      sampleGrant(now, {
        clientId: text,
        subjectHash: `subject ${text}`,
        facts: text,
        seen: text,
        keyHash: text,
      }),
    )
    await createAll(grants, records)
    for (const record of records) {
      assertSameGrant(await grants.find(record.id), record)
      const { grants: listed } = await grants.listBySubject(
        [record.subjectHash],
        { now, clientId: record.clientId },
        { limit: 10 },
      )
      assert.equal(listed.length, 1)
      assertSameGrant(listed[0], record)
    }
  },

  'long sealed strings are kept whole': async ({ grants, now }) => {
    const record = sampleGrant(now, { facts: 'facts '.repeat(10_000), seen: 'seen '.repeat(1000) })
    await grants.create(record)
    assertSameGrant(await grants.find(record.id), record)
  },

  'large numbers are kept to the last digit': async ({ grants, now }) => {
    const yearTenThousand = 253_402_300_799_999
    const record = sampleGrant(now, {
      generation: 4_294_967_297,
      revision: 2_147_483_649,
      idleLifetime: 36_500 * DAY + 1,
      absoluteExpiresAt: yearTenThousand,
    })
    await grants.create(record)
    assertSameGrant(await grants.find(record.id), record)
  },

  'what a caller does to its objects does not reach the store': async ({ grants, now }) => {
    const record = sampleGrant(now)
    const mine = { ...record }
    await grants.create(mine)
    mine.nonce = 'changed'
    assertSameGrant(await grants.find(record.id), record)
    const answered = await foundGrant(grants, record.id)
    Reflect.set(answered, 'nonce', 'changed')
    assertSameGrant(await grants.find(record.id), record)
  },

  'what was answered is seen by every other connection': async ({ grants, harness, now }) => {
    const other = await harness.connect()
    for (let round = 0; round < 20; round += 1) {
      const record = sampleGrant(now)
      await grants.create(record)
      assertSameGrant(await other.grants.find(record.id), record)
      await other.grants.renewAccessNonce(record.id, 'renewed')
      assert.equal((await foundGrant(grants, record.id)).accessNonce, 'renewed')
    }
  },

  'init may be run again, and by two connections at once, without harm': async ({
    storage,
    grants,
    harness,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const other = await harness.connect()
    await Promise.all([storage.init(), other.init(), storage.init()])
    assertSameGrant(await other.grants.find(record.id), record)
  },

  'ping resolves while the engine answers': async ({ storage }) => {
    assert.equal(await storage.ping(), undefined)
  },
})
