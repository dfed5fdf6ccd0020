import assert from 'node:assert/strict'

import type { GrantRecord, GrantStore, RevokeFilter } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import type { CaseBodies } from '../define-cases.js'
import {
  assertSameGrant,
  createAll,
  expectationOf,
  foundGrant,
  fullGrant,
  HOUR,
  idsOf,
  revokeFilter,
  revokeOptions,
  sampleChange,
  sampleCode,
  sampleGrant,
  walkGrants,
} from '../samples.js'

async function revokedIds(grants: GrantStore, records: readonly GrantRecord[]): Promise<string[]> {
  const found = await Promise.all(records.map(({ id }) => foundGrant(grants, id)))
  return idsOf(found.filter(({ revoked }) => revoked !== undefined)).toSorted()
}

function endAll(
  grants: GrantStore,
  hashes: readonly string[],
  filter: RevokeFilter,
  limit = 10,
): Promise<GrantRecord[]> {
  return walkGrants(limit, (page) => grants.revokeBySubject(hashes, filter, page))
}

/** Which of a mixed lot of grants each filter is to end. */
const FILTERS: Readonly<
  Record<string, (now: number, except: string) => Partial<RevokeFilter> & { readonly ends: number[] }>
> = {
  'one client': () => ({ clientId: 'client-a', ends: [0, 1, 2] }),
  'one session': () => ({ sessionHash: 'session-a', ends: [1, 4] }),
  'all but one': (_now, except) => ({ except, ends: [1, 2, 3, 4] }),
  'all but one session': () => ({ exceptSessions: ['session-a', 'session-z'], ends: [0, 2, 3] }),
  'those created before a time': (now) => ({ createdBefore: now - 2, ends: [3, 4] }),
  'one session of one client': () => ({ clientId: 'client-a', sessionHash: 'session-a', ends: [1] }),
  'one client, all but one, before a time': (now, except) => ({
    clientId: 'client-a',
    except,
    createdBefore: now - 1,
    ends: [2],
  }),
  'what nothing fits': () => ({ clientId: 'client-c', ends: [] }),
}

const filterBodies: CaseBodies = Object.fromEntries(
  Object.entries(FILTERS).map(([name, filterFor]) => [
    `a filter for ${name} ends those and no other`,
    async ({ grants, now }) => {
      const records = [
        sampleGrant(now, { createdAt: now }),
        sampleGrant(now, { createdAt: now - 1, sessionHash: 'session-a' }),
        sampleGrant(now, { createdAt: now - 2, sessionHash: 'session-b' }),
        sampleGrant(now, { createdAt: now - 3, clientId: 'client-b' }),
        sampleGrant(now, { createdAt: now - 4, clientId: 'client-b', sessionHash: 'session-a' }),
      ]
      const { ends, ...filter } = filterFor(now, records[0]?.id ?? '')
      const expected = idsOf(records.filter((_, index) => ends.includes(index))).toSorted()
      await createAll(grants, records)
      const ended = await endAll(grants, ['subject-a'], revokeFilter(now, filter), 2)
      assert.deepEqual(idsOf(ended).toSorted(), expected)
      assert.deepEqual(await revokedIds(grants, records), expected)
    },
  ]),
)

export const revokeBySubjectCases = defineCases('revoke by subject', {
  ...filterBodies,

  'every live grant of the subject is ended, codes too, and answered as it was': async ({ grants, now }) => {
    const records = [fullGrant(now), sampleGrant(now), sampleCode(now, { clientId: 'client-b' })]
    const other = sampleGrant(now, { subjectHash: 'subject-b' })
    await createAll(grants, [...records, other])
    const filter = revokeFilter(now, { reason: 'token_revoked' })
    const ended = await endAll(grants, ['subject-a'], filter)
    assert.equal(ended.length, records.length)
    for (const record of records) {
      assertSameGrant(
        ended.find(({ id }) => id === record.id),
        record,
      )
      const { seen: _, ...kept } = record
      assertSameGrant(await grants.find(record.id), {
        ...kept,
        facts: '',
        expiresAt: filter.keepUntil,
        revoked: { at: now, reason: 'token_revoked', by: filter.by },
      })
    }
    assertSameGrant(await grants.find(other.id), other)
  },

  'grants that had ended or expired before are neither answered nor changed': async ({ grants, now }) => {
    const revoked = sampleGrant(now)
    const expired = sampleGrant(now, { expiresAt: now + HOUR })
    await createAll(grants, [revoked, expired])
    await grants.revoke(revoked.id, 'reuse', now, revokeOptions(now, { keepUntil: now + 9 * HOUR }))
    const before = await foundGrant(grants, revoked.id)
    const ended = await endAll(grants, ['subject-a'], revokeFilter(now + HOUR))
    assert.deepEqual(ended, [])
    assertSameGrant(await grants.find(revoked.id), before)
    assert.equal((await grants.find(expired.id))?.revoked, undefined)
  },

  'pages of any size end every grant, each answered once': async ({ grants, now }) => {
    for (const limit of [1, 2, 3, 7, 8, 100]) {
      const subjectHash = `subject with pages of ${limit}`
      const records = Array.from({ length: 7 }, (_, index) =>
        sampleGrant(now, { subjectHash, createdAt: now - (index % 3) }),
      )
      await createAll(grants, records)
      const ended = await endAll(grants, [subjectHash], revokeFilter(now), limit)
      assert.deepEqual(idsOf(ended).toSorted(), idsOf(records).toSorted())
      assert.deepEqual(await revokedIds(grants, records), idsOf(records).toSorted())
    }
  },

  'grants under every hash of the subject are ended': async ({ grants, now }) => {
    const records = ['new', 'old', 'old', 'older'].map((subjectHash) => sampleGrant(now, { subjectHash }))
    await createAll(grants, records)
    const ended = await endAll(grants, ['new', 'old', 'none', 'older', 'old'], revokeFilter(now), 2)
    assert.deepEqual(idsOf(ended).toSorted(), idsOf(records).toSorted())
    assert.deepEqual(await endAll(grants, [], revokeFilter(now)), [])
  },

  'a page run twice by a driver is answered with the grants that it ended both times': async ({
    grants,
    now,
  }) => {
    const records = Array.from({ length: 3 }, () => sampleGrant(now))
    await createAll(grants, records)
    const filter = revokeFilter(now)
    const first = await grants.revokeBySubject(['subject-a'], filter, { limit: 10 })
    const second = await grants.revokeBySubject(['subject-a'], filter, { limit: 10 })
    assert.deepEqual(idsOf(second.grants), idsOf(first.grants))
    const other = await grants.revokeBySubject(['subject-a'], revokeFilter(now), { limit: 10 })
    assert.equal(other.grants.length, 0)
  },

  'a grant that is refreshed, or sealed under another hash, between two pages is ended all the same': async ({
    grants,
    now,
  }) => {
    for (const hashes of [
      ['new', 'old'],
      ['old', 'new'],
    ]) {
      const records = Array.from({ length: 8 }, (_, index) =>
        sampleGrant(now, { subjectHash: 'old', createdAt: now - index }),
      )
      await createAll(grants, records)
      const filter = revokeFilter(now)
      let pages = 0
      await walkGrants(2, async (page) => {
        pages += 1
        const [refreshed, moved] = [records[4 - pages], records[3 - pages]]
        if (refreshed && moved && pages > 1) {
          const reseal = { revision: 0, format: 1, facts: 'facts-sealed-anew', subjectHash: 'new' }
          await grants.turn(refreshed.id, expectationOf(refreshed, now), sampleChange())
          await grants.turn(moved.id, expectationOf(moved, now), sampleChange({ reseal }))
        }
        return grants.revokeBySubject(hashes, filter, page)
      })
      assert.deepEqual(await revokedIds(grants, records), idsOf(records).toSorted())
    }
  },

  'a walk comes to its end while grants of the subject are being made': async ({ grants, now }) => {
    const records = Array.from({ length: 6 }, () => sampleGrant(now))
    await createAll(grants, records)
    let made = 0
    await walkGrants(2, async (page) => {
      if (made < 10) await grants.create(sampleGrant(now, { createdAt: now + made }))
      made += 1
      return grants.revokeBySubject(['subject-a'], revokeFilter(now), page)
    })
    assert.deepEqual(await revokedIds(grants, records), idsOf(records).toSorted())
  },
})
