import assert from 'node:assert/strict'

import type { RaceBodies } from '../race.js'
import {
  assertSameGrant,
  countTrue,
  expectationOf,
  foundGrant,
  sampleChange,
  sampleGrant,
} from '../samples.js'

const CALLS = 12

export const grantRaces: RaceBodies = {
  'of many turns that expect the same exactly one happens, and the others are answered with it': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    let record = sampleGrant(now)
    await referee.grants.create(record)
    for (let round = 0; round < rounds; round += 1) {
      const expected = expectationOf(record, now)
      const results = await atOnce(CALLS, async ({ grants }) => {
        const next = sampleChange()
        return { next, ...(await grants.turn(record.id, expected, next)) }
      })
      assert.equal(countTrue(results.map(({ turned }) => turned)), 1, 'exactly one turn should happen')
      const after = await foundGrant(referee.grants, record.id)
      for (const { turned, next, grant } of results) {
        assert.equal(turned, next.nonce === after.nonce)
        assert.ok(grant)
        assertSameGrant(grant, after)
      }
      assert.equal(after.generation, record.generation + 1)
      assert.equal(after.previousNonce, record.nonce)
      record = after
    }
  },

  'of many records under one id exactly one is created, and stays': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const { id } = sampleGrant(now)
      const results = await atOnce(CALLS, async ({ grants }, index) => {
        const record = sampleGrant(now, { id, subjectHash: `subject-${index}` })
        return { record, created: await grants.create(record) }
      })
      const created = results.filter((result) => result.created)
      assert.equal(created.length, 1, 'exactly one record should be created')
      assert.ok(created[0])
      assertSameGrant(await referee.grants.find(id), created[0].record)
      const hashes = results.map(({ record }) => record.subjectHash)
      const { grants: listed } = await referee.grants.listBySubject(hashes, { now }, { limit: 100 })
      assert.equal(listed.filter((grant) => grant.id === id).length, 1)
    }
  },

  'of many amendments of one revision exactly one happens': async ({ referee, rounds, now, atOnce }) => {
    const record = sampleGrant(now)
    await referee.grants.create(record)
    for (let round = 0; round < rounds; round += 1) {
      const results = await atOnce(CALLS, async ({ grants }, index) => {
        const facts = `facts of round ${round} by ${index}`
        return { facts, ...(await grants.amend(record.id, round, { now, facts })) }
      })
      const amended = results.filter((result) => result.amended)
      assert.equal(amended.length, 1, 'exactly one amendment should happen')
      const after = await foundGrant(referee.grants, record.id)
      assert.equal(after.revision, round + 1)
      assert.equal(after.facts, amended[0]?.facts)
    }
  },

  'of a turn with facts sealed anew and an amendment neither overwrites the other': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const record = sampleGrant(now)
      await referee.grants.create(record)
      const reseal = { revision: 0, format: 1, facts: 'sealed-anew', subjectHash: 'subject-b' }
      const [, amended] = await atOnce(2, async ({ grants }, index) => {
        if (index === 1) return (await grants.amend(record.id, 0, { now, facts: 'amended' })).amended
        return (await grants.turn(record.id, expectationOf(record, now), sampleChange({ reseal }))).turned
      })
      const after = await foundGrant(referee.grants, record.id)
      assert.equal(after.generation, record.generation + 1, 'the turn happens either way')
      assert.equal(after.revision, 1, 'one of them replaces the facts')
      assert.equal(after.facts, amended ? 'amended' : 'sealed-anew')
      assert.equal(after.subjectHash, amended ? record.subjectHash : 'subject-b')
    }
  },

  'of a turn, a new access nonce and an amendment at once none is lost': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const record = sampleGrant(now)
      await referee.grants.create(record)
      const next = sampleChange()
      const done = await atOnce(3, async ({ grants }, index) => {
        if (index === 0) return (await grants.turn(record.id, expectationOf(record, now), next)).turned
        if (index === 1) return grants.renewAccessNonce(record.id, 'renewed')
        return (await grants.amend(record.id, 0, { now, facts: 'amended' })).amended
      })
      assert.deepEqual(done, [true, true, true])
      const after = await foundGrant(referee.grants, record.id)
      assert.equal(after.nonce, next.nonce)
      assert.equal(after.accessNonce, 'renewed')
      assert.equal(after.facts, 'amended')
      assert.equal(after.revision, 1)
    }
  },
}
