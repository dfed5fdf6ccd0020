import assert from 'node:assert/strict'

import type { GrantRecord, GrantStore, RevokeFilter } from '@oauth-ratchet/core'

import type { RaceBodies } from '../race.js'
import {
  countTrue,
  createAll,
  expectationOf,
  foundGrant,
  idsOf,
  revokeFilter,
  revokeOptions,
  sampleChange,
  sampleGrant,
  walkGrants,
} from '../samples.js'

const CALLS = 8
const WALKS = 3
const SIGN_INS = 24
const LIMIT = 20

/** A filter by each of its members that leaves the grant alone, and no other grant of the subject but for its sake. */
const FILTERS_THAT_LEAVE: Readonly<Record<string, (record: GrantRecord) => Partial<RevokeFilter>>> = {
  'another client': () => ({ clientId: 'client-b' }),
  'another session': () => ({ sessionHash: 'session-b' }),
  'all but its session': () => ({ exceptSessions: ['session-a'] }),
  'all but this one': ({ id }) => ({ except: id }),
  'those created before': ({ createdAt }) => ({ createdBefore: createdAt }),
}

/** A storage whose index entry precedes its grant must not take the grant for one that the filter selects. */
const racesOfSignIns: RaceBodies = Object.fromEntries(
  Object.entries(FILTERS_THAT_LEAVE).map(([name, filterFor]) => [
    `a sign-in succeeds beside walks with a filter for ${name}`,
    async ({ referee, rounds, now, atOnce }) => {
      for (let round = 0; round < rounds * 2; round += 1) {
        const record = sampleGrant(now, { subjectHash: `${name} ${round}`, sessionHash: 'session-a' })
        const walk = (): RevokeFilter => revokeFilter(now, filterFor(record))
        const [created] = await atOnce(CALLS, async ({ grants }, index) => {
          if (index === 0) return grants.create(record)
          for (let walks = 0; walks < WALKS; walks += 1) {
            const ended = await walkGrants(2, (page) =>
              grants.revokeBySubject([record.subjectHash], walk(), page),
            )
            assert.deepEqual(idsOf(ended), [])
          }
          return true
        })
        assert.equal(created, true, 'the sign-in should have succeeded')
        assert.equal((await foundGrant(referee.grants, record.id)).revoked, undefined)
      }
    },
  ]),
)

export const revocationRaces: RaceBodies = {
  ...racesOfSignIns,

  'sign-ins at once that each end all but the newest leave exactly these': async ({
    referee,
    now,
    atOnce,
  }) => {
    // Half of them redeem a code, and so become live by a turn.
    const records = Array.from({ length: SIGN_INS }, (_, index) =>
      sampleGrant(now, { generation: index % 2, createdAt: now + (index % 7) }),
    )
    const listed = (grants: GrantStore): Promise<GrantRecord[]> =>
      walkGrants(10, (page) => grants.listBySubject(['subject-a'], { now, clientId: 'client-a' }, page))
    await atOnce(SIGN_INS, async ({ grants }, index) => {
      const record = records[index]
      assert.ok(record)
      await grants.create(record)
      if (record.generation === 0) await grants.turn(record.id, expectationOf(record, now), sampleChange())
      const live = await listed(grants)
      for (const { id } of live.slice(0, -LIMIT)) await grants.revoke(id, 'limit', now, revokeOptions(now))
    })
    const newest = records
      .toSorted((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1))
      .slice(-LIMIT)
    assert.deepEqual(idsOf(await listed(referee.grants)), idsOf(newest))
  },

  'a revocation stays, whatever is done to the grant at the same time': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const record = sampleGrant(now, { seen: 'seen-sealed' })
      await referee.grants.create(record)
      const next = sampleChange({
        seen: 'next-seen',
        reseal: { revision: 0, format: 1, facts: 'sealed-anew', subjectHash: 'subject-b' },
      })
      const done = await atOnce(4, async ({ grants }, index) => {
        // The revocation is not always the last to set out.
        const what = (index + round) % 4
        if (what === 0) return (await grants.turn(record.id, expectationOf(record, now), next)).turned
        if (what === 1) return grants.renewAccessNonce(record.id, 'renewed')
        if (what === 2) return (await grants.amend(record.id, 0, { now, facts: 'amended' })).amended
        return (await grants.revoke(record.id, 'reuse', now, revokeOptions(now))).ended
      })
      assert.equal(done.at((3 - round) % 4), true, 'the revocation should have ended the grant')
      const after = await foundGrant(referee.grants, record.id)
      assert.equal(after.revoked?.reason, 'reuse')
      assert.equal(after.facts, '')
      assert.equal(after.seen, undefined)
      const late = await referee.grants.turn(record.id, expectationOf(after, now), sampleChange())
      assert.equal(late.turned, false)
    }
  },

  'nothing of a grant is alive after a revocation that raced its refreshes, in thousands of rounds': async ({
    referee,
    manyRounds,
    now,
    atOnce,
  }) => {
    // Small, for storages with a limit of time for each call; and no longer than this on a slow machine.
    const BATCH = 10
    const end = Date.now() + 20_000
    for (let start = 0; start < manyRounds && Date.now() < end; start += BATCH) {
      const subjectHash = `raced ${start}`
      const records = Array.from({ length: BATCH }, () => sampleGrant(now, { subjectHash }))
      await createAll(referee.grants, records)
      const ended = await atOnce(3 * BATCH, async ({ grants }, index) => {
        // Those of one grant are the calls of different contenders, and none of them is always the first.
        const record = records[Math.floor(index / 3)]
        assert.ok(record)
        if ((index + Math.floor(index / 3)) % 3 === 0)
          return (await grants.revoke(record.id, 'revoked', now, revokeOptions(now))).ended
        let current: GrantRecord | undefined = record
        for (let turns = 0; turns < 2 && current !== undefined && !current.revoked; turns += 1)
          current = (await grants.turn(record.id, expectationOf(current, now), sampleChange())).grant
        return false
      })
      assert.equal(countTrue(ended), BATCH, 'each grant should have been ended once')
      const left = await Promise.all(records.map(({ id }) => foundGrant(referee.grants, id)))
      for (const after of left) assert.deepEqual([after.revoked?.reason, after.facts], ['revoked', ''])
      const late = await Promise.all(
        left.map((after) => referee.grants.turn(after.id, expectationOf(after, now), sampleChange())),
      )
      assert.equal(countTrue(late.map(({ turned }) => turned)), 0, 'nothing should turn any more')
      const live = await referee.grants.listBySubject([subjectHash], { now }, { limit: 100 })
      assert.deepEqual(idsOf(live.grants), [])
    }
  },

  'of many revocations of one grant exactly one ends it, and its reason stays': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const record = sampleGrant(now)
      await referee.grants.create(record)
      const results = await atOnce(CALLS, async ({ grants }) => {
        const options = revokeOptions(now)
        return { by: options.by, ...(await grants.revoke(record.id, 'revoked', now, options)) }
      })
      const ended = results.filter((result) => result.ended)
      assert.equal(ended.length, 1, 'exactly one call should have ended the grant')
      assert.equal((await foundGrant(referee.grants, record.id)).revoked?.by, ended[0]?.by)
    }
  },

  'a grant that is created while its id is being revoked is never live afterwards': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds * 2; round += 1) {
      const record = sampleGrant(now)
      const [created, ended] = await atOnce(2, async ({ grants }, index) =>
        (index + round) % 2 === 0
          ? grants.create(record)
          : (await grants.revoke(record.id, 'revoked', now, revokeOptions(now))).ended,
      )
      assert.equal(created, ended, 'the grant was created and then ended, or it never came to be')
      assert.ok((await foundGrant(referee.grants, record.id)).revoked)
      const late = await referee.grants.turn(record.id, expectationOf(record, now), sampleChange())
      assert.equal(late.turned, false)
    }
  },

  'no grant of a subject outlives a walk that ends them, however fast they are refreshed': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const hashes = [`new ${round}`, `old ${round}`]
      const records = Array.from({ length: 6 }, (_, index) =>
        sampleGrant(now, { subjectHash: `old ${round}`, createdAt: now - (index % 2) }),
      )
      await createAll(referee.grants, records)
      await atOnce(records.length + 1, async ({ grants }, index) => {
        const record = records[index]
        if (record === undefined) {
          await walkGrants(2, (page) => grants.revokeBySubject(hashes, revokeFilter(now), page))
          return
        }
        const reseal = { revision: 0, format: 1, facts: 'sealed-anew', subjectHash: `new ${round}` }
        const { turned, grant } = await grants.turn(
          record.id,
          expectationOf(record, now),
          sampleChange({ reseal }),
        )
        if (turned && grant) await grants.turn(grant.id, expectationOf(grant, now), sampleChange())
      })
      for (const { id } of records) assert.ok((await foundGrant(referee.grants, id)).revoked)
    }
  },

  "of several walks that end a subject's grants at once each grant is answered to one": async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const subjectHash = `subject of round ${round}`
      const records = Array.from({ length: 7 }, () => sampleGrant(now, { subjectHash }))
      await createAll(referee.grants, records)
      const ended = await atOnce(4, ({ grants }) => {
        const filter = revokeFilter(now)
        return walkGrants(2, (page) => grants.revokeBySubject([subjectHash], filter, page))
      })
      assert.deepEqual(idsOf(ended.flat()).toSorted(), idsOf(records).toSorted())
      const states = await Promise.all(records.map(({ id }) => foundGrant(referee.grants, id)))
      assert.equal(countTrue(states.map(({ revoked }) => revoked !== undefined)), records.length)
    }
  },
}
