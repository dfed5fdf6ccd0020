import assert from 'node:assert/strict'

import type { GrantRecord, GrantStore } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import type { CaseBodies } from '../define-cases.js'
import {
  allPages,
  assertSameGrant,
  createAll,
  DAY,
  fullGrant,
  HOUR,
  idsOf,
  randomId,
  revokeOptions,
  sampleCode,
  sampleGrant,
  walkGrants,
} from '../samples.js'

function scanOf(grants: GrantStore, clientId: string, limit: number): Promise<GrantRecord[]> {
  return walkGrants(limit, (page) => grants.scan(page, { clientId }))
}

const scanBodies: CaseBodies = {
  'a scan finds every record in any state, in pages of any size': async ({ grants, now }) => {
    const records = [
      fullGrant(now),
      sampleCode(now),
      sampleGrant(now, { subjectHash: 'subject-b', expiresAt: now + HOUR }),
      ...Array.from({ length: 10 }, () => sampleGrant(now)),
    ]
    await createAll(grants, records)
    const tombstone = randomId()
    await grants.revoke(tombstone, 'revoked', now, revokeOptions(now))
    await grants.revoke(records[0]?.id ?? '', 'revoked', now, revokeOptions(now))
    const expected = [...idsOf(records), tombstone].toSorted()
    for (const limit of [1, 3, 7, 14, 100]) {
      const scanned = await walkGrants(limit, (page) => grants.scan(page))
      assert.deepEqual([...new Set(idsOf(scanned))].toSorted(), expected)
    }
  },

  'a scan answers the records as they are': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    const [scanned] = await walkGrants(10, (page) => grants.scan(page))
    assertSameGrant(scanned, record)
  },

  'a scan for one client finds its records in any state, and no other, in pages of any size': async ({
    grants,
    now,
  }) => {
    const mine = [
      fullGrant(now),
      sampleCode(now),
      sampleGrant(now, { subjectHash: 'subject-b' }),
      ...Array.from({ length: 4 }, () => sampleGrant(now)),
    ]
    const others = Array.from({ length: 8 }, () => sampleGrant(now, { clientId: 'client-b' }))
    await createAll(grants, [...mine, ...others])
    await grants.revoke(randomId(), 'revoked', now, revokeOptions(now))
    await grants.revoke(mine[0]?.id ?? '', 'revoked', now, revokeOptions(now))
    for (const limit of [1, 3, 7, 100]) {
      const scanned = await scanOf(grants, 'client-a', limit)
      assert.deepEqual([...new Set(idsOf(scanned))].toSorted(), idsOf(mine).toSorted())
    }
    assert.deepEqual(await scanOf(grants, 'client-c', 3), [])
  },

  'a scan for one client goes on behind pages in which it has no record': async ({ grants, now }) => {
    const mine = sampleGrant(now, { id: 'zzzzzzzzzzzzzzzzzzzzzz' })
    const first = sampleGrant(now, { id: '0000000000000000000000' })
    const others = Array.from({ length: 60 }, () => sampleGrant(now, { clientId: 'client-b' }))
    await createAll(grants, [first, ...others, mine])
    assert.deepEqual([...new Set(idsOf(await scanOf(grants, 'client-a', 5)))].toSorted(), [first.id, mine.id])
  },

  'a scan of an empty storage ends at once': async ({ grants }) => {
    assert.deepEqual(await walkGrants(10, (page) => grants.scan(page)), [])
  },

  'a purge removes what expired, as much as is asked for, and says how much': async ({
    grants,
    values,
    harness,
    now,
  }) => {
    const expiring = Array.from({ length: 4 }, () => sampleGrant(now, { expiresAt: now + HOUR }))
    await createAll(grants, expiring)
    await grants.revoke(randomId(), 'revoked', now, { keepUntil: now + HOUR, by: randomId() })
    await values.mark('mark', 'owner', now + HOUR, now)
    await values.stash('value', 'content', now + HOUR)
    const later = now + DAY
    const purges = [3, 3, 3, 3].map((limit) => () => grants.purgeExpired(later, limit))
    const removed: number[] = []
    for (const purge of purges) removed.push(await purge())
    if (harness.expiry === 'engine') {
      assert.deepEqual(removed, [0, 0, 0, 0])
      return
    }
    assert.deepEqual(removed, [3, 3, 1, 0])
    assert.deepEqual(await walkGrants(10, (page) => grants.scan(page)), [])
    for (const { id } of expiring) assert.equal(await grants.find(id), undefined)
  },

  'a purge leaves what is live, and what is kept of a revoked grant': async ({ grants, values, now }) => {
    const live = fullGrant(now)
    const revoked = sampleGrant(now)
    await createAll(grants, [live, revoked, sampleGrant(now, { expiresAt: now + HOUR })])
    await grants.revoke(revoked.id, 'revoked', now, revokeOptions(now, { keepUntil: now + 3 * HOUR }))
    await values.mark('mark', 'owner', now + 3 * HOUR, now)
    await values.stash('value', 'content', now + 3 * HOUR)
    const later = now + 2 * HOUR
    await grants.purgeExpired(later, 10)
    assertSameGrant(await grants.find(live.id), live)
    assert.ok((await grants.find(revoked.id))?.revoked)
    assert.equal(await values.isMarked('mark', later), true)
    assert.equal(await values.peek('value', later), 'content')
  },

  'a purge leaves no trace of a grant in the lists': async ({ grants, now }) => {
    const live = sampleGrant(now)
    await createAll(grants, [live, sampleGrant(now, { expiresAt: now + HOUR })])
    await grants.purgeExpired(now + 2 * HOUR, 10)
    const listed = await walkGrants(1, (page) =>
      grants.listBySubject(['subject-a'], { now: now + 2 * HOUR }, page),
    )
    assert.deepEqual(idsOf(listed), [live.id])
  },
}

const damagedBodies: CaseBodies = {
  'a damaged record does not stop a scan, which names it': async ({ grants, harness, now }) => {
    const records = Array.from({ length: 5 }, () => sampleGrant(now))
    await createAll(grants, records)
    const [damaged, ...sound] = idsOf(records)
    await harness.damage?.(damaged ?? '')
    for (const filter of [undefined, { clientId: 'client-a' }]) {
      const pages = await allPages(2, (page) => grants.scan(page, filter))
      const found = pages.flatMap(({ grants: scanned }) => idsOf(scanned))
      assert.deepEqual([...new Set(found)].toSorted(), sound.toSorted())
      const unreadable = pages.flatMap(({ unreadable: ids = [] }) => ids)
      assert.deepEqual([...new Set(unreadable)], [damaged])
    }
  },
}

export const scanCases = [
  ...defineCases('scan and purge', scanBodies),
  ...defineCases('scan and purge', damagedBodies, { needs: 'damage' }),
]
