import assert from 'node:assert/strict'

import type { GrantChanges } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import type { CaseBodies } from '../define-cases.js'
import {
  assertSameGrant,
  DAY,
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
import { TROUBLESOME_STRINGS } from './create.js'

type Lifetimes = NonNullable<GrantChanges['lifetimes']>

/** New limits of a grant that turned at 0, and when it is to end under them; all from the time of its creation. */
const LIFETIMES: Readonly<Record<string, Lifetimes & { readonly ends: number }>> = {
  'shorter limits bring its end nearer': { idleLifetime: DAY, absoluteExpiresAt: 9 * DAY, ends: DAY },
  'longer limits move its end away': { idleLifetime: 20 * DAY, absoluteExpiresAt: 90 * DAY, ends: 20 * DAY },
  'an absolute limit that is sooner counts': { idleLifetime: DAY, absoluteExpiresAt: HOUR, ends: HOUR },
  'the idle limit counts alone where there is no absolute one': {
    idleLifetime: DAY,
    absoluteExpiresAt: null,
    ends: DAY,
  },
  'the absolute limit counts alone where there is no idle one': {
    idleLifetime: null,
    absoluteExpiresAt: 9 * DAY,
    ends: 9 * DAY,
  },
}

function lifetimesAt(now: number, { idleLifetime, absoluteExpiresAt }: Lifetimes): Lifetimes {
  return { idleLifetime, absoluteExpiresAt: absoluteExpiresAt === null ? null : now + absoluteExpiresAt }
}

const lifetimeBodies: CaseBodies = Object.fromEntries(
  Object.entries(LIFETIMES).map(([name, { ends, ...given }]) => [
    `new limits of a grant: ${name}`,
    async ({ grants, now }) => {
      const record = sampleGrant(now, { revision: 4 })
      await grants.create(record)
      const lifetimes = lifetimesAt(now, given)
      const { amended, grant } = await grants.amend(record.id, 4, { now: now + 1, lifetimes })
      assert.equal(amended, true)
      const expected = { ...record, ...lifetimes, revision: 5, expiresAt: now + ends }
      assertSameGrant(grant, expected)
      assertSameGrant(await grants.find(record.id), expected)
    },
  ]),
)

export const amendCases = defineCases('amend and renew', {
  ...lifetimeBodies,

  'new facts replace the old ones, count the revision, and leave the rest': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    const changes = { now, facts: 'next-facts', format: 3, seen: 'next-seen' }
    const { amended, grant } = await grants.amend(record.id, record.revision, changes)
    assert.equal(amended, true)
    const expected = {
      ...record,
      facts: 'next-facts',
      format: 3,
      seen: 'next-seen',
      revision: record.revision + 1,
    }
    assertSameGrant(grant, expected)
    assertSameGrant(await grants.find(record.id), expected)
  },

  'changes that say nothing change nothing but the revision': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    await grants.amend(record.id, record.revision, { now })
    assertSameGrant(await grants.find(record.id), { ...record, revision: record.revision + 1 })
  },

  'strings that mean something to an engine are amended as they are': async ({ grants, now }) => {
    for (const text of TROUBLESOME_STRINGS) {
      const record = sampleGrant(now)
      await grants.create(record)
      await grants.amend(record.id, 0, { now, facts: text, seen: text })
      assertSameGrant(await grants.find(record.id), { ...record, facts: text, seen: text, revision: 1 })
    }
  },

  'an amendment of another revision changes nothing and answers the record as it stands': async ({
    grants,
    now,
  }) => {
    const record = fullGrant(now)
    await grants.create(record)
    for (const revision of [record.revision - 1, record.revision + 1]) {
      const { amended, grant } = await grants.amend(record.id, revision, { now, facts: 'next-facts' })
      assert.equal(amended, false)
      assertSameGrant(grant, record)
    }
    assertSameGrant(await grants.find(record.id), record)
  },

  'an amendment run twice by a driver happens once': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.amend(record.id, 0, { now, facts: 'next-facts' })
    const { amended, grant } = await grants.amend(record.id, 0, { now, facts: 'next-facts' })
    assert.equal(amended, false)
    assertSameGrant(grant, { ...record, facts: 'next-facts', revision: 1 })
  },

  'only a live grant is amended': async ({ grants, now }) => {
    const record = sampleGrant(now, { expiresAt: now + HOUR })
    await grants.create(record)
    const late = await grants.amend(record.id, 0, { now: now + HOUR, facts: 'next-facts' })
    assert.equal(late.amended, false)
    assertSameGrant(await grants.find(record.id), record)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    const revoked = await foundGrant(grants, record.id)
    const after = await grants.amend(record.id, 0, { now, facts: 'next-facts' })
    assert.equal(after.amended, false)
    assertSameGrant(after.grant, revoked)
    assertSameGrant(await grants.find(record.id), revoked)
  },

  'an absent grant is not amended, and does not come to be': async ({ grants, now }) => {
    const id = randomId()
    const { amended, grant } = await grants.amend(id, 0, { now, facts: 'next-facts' })
    assert.equal(amended, false)
    assert.equal(grant, undefined)
    assert.equal(await grants.find(id), undefined)
  },

  'new limits count from the latest turn': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.turn(record.id, expectationOf(record, now + HOUR), sampleChange())
    const lifetimes = { idleLifetime: DAY, absoluteExpiresAt: now + 50 * DAY }
    const { grant } = await grants.amend(record.id, 0, { now: now + 2 * HOUR, lifetimes })
    assert.equal(grant?.expiresAt, now + HOUR + DAY)
  },

  'new limits of a code leave its short expiry, and count once it is redeemed': async ({ grants, now }) => {
    const code = sampleCode(now)
    await grants.create(code)
    const lifetimes = { idleLifetime: 3 * DAY, absoluteExpiresAt: now + 50 * DAY }
    const { amended, grant } = await grants.amend(code.id, 0, { now, lifetimes })
    assert.equal(amended, true)
    assert.equal(grant?.expiresAt, code.expiresAt)
    const redeemed = await grants.turn(code.id, expectationOf(code, now), sampleChange())
    assert.equal(redeemed.grant?.expiresAt, now + 3 * DAY)
  },

  'facts amended while a turn was on its way are not replaced by those of the turn': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.amend(record.id, 0, { now, facts: 'amended-facts' })
    const reseal = { revision: 0, format: 1, facts: 'stale-facts', subjectHash: 'subject-b' }
    const { turned, grant } = await grants.turn(
      record.id,
      expectationOf(record, now),
      sampleChange({ reseal }),
    )
    assert.equal(turned, true)
    assert.equal(grant?.facts, 'amended-facts')
    assert.equal(grant.subjectHash, record.subjectHash)
    assert.equal(grant.revision, 1)
  },

  'a new access nonce replaces the old one and nothing else': async ({ grants, now }) => {
    const record = fullGrant(now)
    await grants.create(record)
    assert.equal(await grants.renewAccessNonce(record.id, 'renewed'), true)
    assertSameGrant(await grants.find(record.id), { ...record, accessNonce: 'renewed' })
    assert.equal(await grants.renewAccessNonce(record.id, 'renewed'), true, 'a driver may run it twice')
    assertSameGrant(await grants.find(record.id), { ...record, accessNonce: 'renewed' })
  },

  'a revoked or absent grant gets no new access nonce': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    await grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    assert.equal(await grants.renewAccessNonce(record.id, 'renewed'), false)
    assert.equal((await foundGrant(grants, record.id)).accessNonce, record.accessNonce)
    const id = randomId()
    assert.equal(await grants.renewAccessNonce(id, 'renewed'), false)
    assert.equal(await grants.find(id), undefined)
  },
})
