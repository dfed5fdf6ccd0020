import assert from 'node:assert/strict'

import type { GrantRecord, GrantStore, ListFilter } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import {
  allPages,
  assertSameGrant,
  createAll,
  expectationOf,
  fullGrant,
  HOUR,
  idsOf,
  revokeOptions,
  sampleChange,
  sampleCode,
  sampleGrant,
  walkGrants,
} from '../samples.js'

/** Grants of one subject, created a millisecond apart from the newest to the oldest. */
function grantsOf(subjectHash: string, count: number, now: number): GrantRecord[] {
  return Array.from({ length: count }, (_, index) =>
    sampleGrant(now, { subjectHash, createdAt: now - index }),
  )
}

/** The order of a listing within one hash. */
function inOrder(records: readonly GrantRecord[]): string[] {
  const sorted = records.toSorted(
    (one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1),
  )
  return idsOf(sorted)
}

async function listIds(
  grants: GrantStore,
  hashes: readonly string[],
  filter: ListFilter,
  limit = 10,
): Promise<string[]> {
  return idsOf(await walkGrants(limit, (page) => grants.listBySubject(hashes, filter, page)))
}

const RESEALED = { revision: 0, format: 1, facts: 'facts-sealed-anew' } as const

export const listCases = defineCases('list by subject', {
  'the grants of a subject are listed as they are': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    const { grants: listed, cursor } = await grants.listBySubject(['subject-a'], { now }, { limit: 10 })
    assert.equal(listed.length, 1)
    assertSameGrant(listed[0], record)
    assert.equal(cursor, undefined)
  },

  'they come by time of creation, then by id': async ({ grants, now }) => {
    const records = [
      ...grantsOf('subject-a', 5, now),
      ...Array.from({ length: 5 }, () => sampleGrant(now, { createdAt: now - 2 })),
    ]
    await createAll(grants, records)
    assert.deepEqual(await listIds(grants, ['subject-a'], { now }), inOrder(records))
  },

  'unredeemed codes are among them where they are asked for, and nothing that has ended': async ({
    grants,
    now,
  }) => {
    const [grant, code] = [sampleGrant(now, { createdAt: now - 3 }), sampleCode(now)]
    const [ended, expired] = [sampleCode(now), sampleCode(now, { expiresAt: now + 1 })]
    const other = sampleCode(now, { clientId: 'client-b', createdAt: now - 1 })
    await createAll(grants, [grant, code, ended, expired, other])
    await grants.revoke(ended.id, 'revoked', now, revokeOptions(now))
    const filter = { now: now + 1, pending: true }
    assert.deepEqual(await listIds(grants, ['subject-a'], filter, 2), idsOf([grant, other, code]))
    const ofClient = { ...filter, clientId: 'client-a' }
    assert.deepEqual(await listIds(grants, ['subject-a'], ofClient, 1), idsOf([grant, code]))
  },

  'pages of any size add up to the whole': async ({ grants, now }) => {
    const records = [
      ...grantsOf('subject-a', 6, now),
      ...Array.from({ length: 6 }, () => sampleGrant(now, { createdAt: now - 2 })),
    ]
    await createAll(grants, records)
    for (const limit of [1, 2, 3, 4, 5, 11, 12, 13, 1000]) {
      assert.deepEqual(await listIds(grants, ['subject-a'], { now }, limit), inOrder(records))
    }
  },

  "another subject's grants are not in it": async ({ grants, now }) => {
    const mine = sampleGrant(now)
    await createAll(grants, [mine, sampleGrant(now, { subjectHash: 'subject-b' })])
    assert.deepEqual(await listIds(grants, ['subject-a'], { now }), [mine.id])
    assert.deepEqual(await listIds(grants, ['subject-c'], { now }), [])
    assert.deepEqual(await listIds(grants, [], { now }), [])
  },

  'codes, expired and revoked grants are not in it': async ({ grants, now }) => {
    const live = sampleGrant(now)
    const revoked = sampleGrant(now)
    const expired = sampleGrant(now, { expiresAt: now + HOUR })
    await createAll(grants, [live, revoked, expired, sampleCode(now, { expiresAt: now + 5 * HOUR })])
    await grants.revoke(revoked.id, 'revoked', now, revokeOptions(now, { keepUntil: now + 5 * HOUR }))
    assert.deepEqual(await listIds(grants, ['subject-a'], { now: now + HOUR }), [live.id])
    for (const limit of [1, 2]) {
      assert.deepEqual(await listIds(grants, ['subject-a'], { now: now + HOUR }, limit), [live.id])
    }
  },

  'a grant is in it until the last millisecond before its expiry': async ({ grants, now }) => {
    const record = sampleGrant(now, { expiresAt: now + HOUR })
    await grants.create(record)
    assert.deepEqual(await listIds(grants, ['subject-a'], { now: now + HOUR - 1 }), [record.id])
    assert.deepEqual(await listIds(grants, ['subject-a'], { now: now + HOUR }), [])
  },

  'a code is in it once it is redeemed': async ({ grants, now }) => {
    const code = sampleCode(now)
    await grants.create(code)
    assert.deepEqual(await listIds(grants, ['subject-a'], { now }), [])
    await grants.turn(code.id, expectationOf(code, now), sampleChange())
    assert.deepEqual(await listIds(grants, ['subject-a'], { now: now + 2 * HOUR }), [code.id])
  },

  'the filter picks the grants of one client': async ({ grants, now }) => {
    const records = grantsOf('subject-a', 6, now).map((record, index) => ({
      ...record,
      clientId: index % 2 === 0 ? 'client-a' : 'client-b',
    }))
    await createAll(grants, records)
    for (const clientId of ['client-a', 'client-b', 'client-c']) {
      const expected = inOrder(records.filter((record) => record.clientId === clientId))
      for (const limit of [1, 2, 10]) {
        assert.deepEqual(await listIds(grants, ['subject-a'], { now, clientId }, limit), expected)
      }
    }
  },

  "codes, ended grants and other clients' grants take no room in a page, however many there are": async ({
    grants,
    now,
  }) => {
    const live = grantsOf('subject-a', 3, now - 50)
    const ended = grantsOf('subject-a', 40, now)
    const others = grantsOf('subject-a', 40, now).map((record) => ({ ...record, clientId: 'client-b' }))
    const codes = Array.from({ length: 40 }, (_, index) => sampleCode(now, { createdAt: now - 100 + index }))
    await createAll(grants, [...codes, ...live, ...ended, ...others])
    for (const { id } of ended) await grants.revoke(id, 'limit', now, revokeOptions(now))
    const list = (clientId?: string) =>
      allPages(10, (page) =>
        grants.listBySubject(['subject-a'], clientId === undefined ? { now } : { now, clientId }, page),
      )
    const [one, all] = [await list('client-a'), await list()]
    assert.deepEqual(idsOf(one.flatMap(({ grants: listed }) => listed)), inOrder(live))
    // A page more for a storage that learns of the end by an empty one.
    assert.ok(one.length <= 2, 'three grants should be a page')
    assert.equal(all.flatMap(({ grants: listed }) => listed).length, 43)
    assert.ok(all.length <= 6, 'forty-three grants should be five pages')
  },

  'under several hashes every grant is listed once, in order within each hash': async ({ grants, now }) => {
    const lists = {
      new: grantsOf('new', 5, now),
      old: grantsOf('old', 7, now),
      older: grantsOf('older', 1, now),
    }
    await createAll(grants, [...lists.new, ...lists.old, ...lists.older])
    for (const hashes of [
      ['new', 'old', 'older', 'none'],
      ['old', 'new', 'older', 'old'],
    ]) {
      for (const limit of [1, 3, 13, 100]) {
        const listed = await walkGrants(limit, (page) => grants.listBySubject(hashes, { now }, page))
        assert.equal(listed.length, 13)
        for (const [hash, records] of Object.entries(lists)) {
          const under = listed.filter(({ subjectHash }) => subjectHash === hash)
          assert.deepEqual(idsOf(under), inOrder(records))
        }
      }
    }
  },

  'what is created, revoked or turned between two pages neither hides nor repeats a grant': async ({
    grants,
    now,
  }) => {
    const records = grantsOf('subject-a', 12, now)
    await createAll(grants, records)
    const [first, second] = records.toReversed()
    const last = records[0]
    assert.ok(first && second && last)
    let pages = 0
    const listed = await walkGrants(3, async (page) => {
      pages += 1
      if (pages === 2) {
        await grants.revoke(first.id, 'revoked', now, revokeOptions(now))
        await grants.create(sampleGrant(now, { createdAt: now - 100 }))
        await grants.create(sampleGrant(now, { createdAt: now - 101 }))
        await grants.turn(second.id, expectationOf(second, now), sampleChange())
        await grants.turn(last.id, expectationOf(last, now), sampleChange())
      }
      return grants.listBySubject(['subject-a'], { now }, page)
    })
    assert.deepEqual(idsOf(listed), inOrder(records))
  },

  'a grant that is sealed under the new hash between two pages is listed once': async ({ grants, now }) => {
    for (const hashes of [
      ['new', 'old'],
      ['old', 'new'],
    ]) {
      const moving = grantsOf('old', 8, now)
      await createAll(grants, moving)
      let pages = 0
      const listed = await walkGrants(2, async (page) => {
        const mover = moving[(pages * 3) % moving.length]
        pages += 1
        if (pages > 1 && mover !== undefined) {
          const reseal = { ...RESEALED, subjectHash: 'new' }
          await grants.turn(mover.id, expectationOf(mover, now), sampleChange({ reseal }))
        }
        return grants.listBySubject(hashes, { now }, page)
      })
      assert.deepEqual(idsOf(listed).toSorted(), idsOf(moving).toSorted())
      for (const { id } of moving) await grants.revoke(id, 'revoked', now, revokeOptions(now))
    }
  },

  'a cursor that was not made by the listing is a CursorError': async ({ grants, clients, now }) => {
    await createAll(grants, grantsOf('subject-a', 3, now))
    for (const cursor of ['no cursor of ours', '', '0', '{}', 'bm90IG91cnM']) {
      const page = { cursor, limit: 10 }
      const calls = [
        () => grants.listBySubject(['subject-a'], { now }, page),
        () =>
          grants.revokeBySubject(
            ['subject-a'],
            { at: now, reason: 'revoked', keepUntil: now + HOUR, by: 'call-1' },
            page,
          ),
        () => grants.scan(page),
        () => clients.list(page),
      ]
      for (const call of calls) await assert.rejects(call, { name: 'CursorError' })
    }
    assert.equal((await listIds(grants, ['subject-a'], { now })).length, 3)
  },
})

export const longListCases = defineCases(
  'list by subject',
  {
    'a subject with very many grants is walked in pages': async ({ grants, harness, now }) => {
      const records = grantsOf('subject-a', harness.manyGrants ?? 10_000, now)
      await createAll(grants, records)
      const expected = inOrder(records)
      assert.deepEqual(await listIds(grants, ['subject-a'], { now }, 500), expected)
    },
  },
  { timeoutMs: 240_000 },
)
