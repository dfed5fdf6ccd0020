import assert from 'node:assert/strict'

import { defineCases } from '../define-cases.js'
import type { CaseBodies } from '../define-cases.js'
import { assertSameGrant, DAY, expectationOf, HOUR, sampleChange, sampleGrant } from '../samples.js'

interface Limits {
  readonly idle: number | null
  /** From the grant's creation. */
  readonly absolute: number | null
  readonly cap: number | null
  /** From the grant's creation. */
  readonly absoluteCap?: number
  /** How long after the turn the grant is to end. The turn is an hour after the creation. */
  readonly left: number
}

const LIMITS: Readonly<Record<string, Limits>> = {
  'its own idle limit where no other is sooner': { idle: DAY, absolute: 9 * DAY, cap: null, left: DAY },
  'its own idle limit where the cap is longer': { idle: DAY, absolute: 9 * DAY, cap: 2 * DAY, left: DAY },
  'the cap where it is shorter': { idle: DAY, absolute: 9 * DAY, cap: 2 * HOUR, left: 2 * HOUR },
  'its absolute limit where that is sooner than the idle limit': {
    idle: DAY,
    absolute: 3 * HOUR,
    cap: null,
    left: 2 * HOUR,
  },
  'its absolute limit where that is sooner than the cap': {
    idle: DAY,
    absolute: 3 * HOUR,
    cap: 6 * HOUR,
    left: 2 * HOUR,
  },
  'its idle limit where it has no absolute one': { idle: DAY, absolute: null, cap: null, left: DAY },
  'the cap where it has no absolute limit': { idle: DAY, absolute: null, cap: HOUR, left: HOUR },
  'its absolute limit where it has no idle one': {
    idle: null,
    absolute: 9 * DAY,
    cap: null,
    left: 9 * DAY - HOUR,
  },
  'the absolute cap where that is the soonest': {
    idle: DAY,
    absolute: 9 * DAY,
    cap: 6 * HOUR,
    absoluteCap: 3 * HOUR,
    left: 2 * HOUR,
  },
  'its absolute limit where the absolute cap is later': {
    idle: DAY,
    absolute: 3 * HOUR,
    cap: null,
    absoluteCap: 6 * HOUR,
    left: 2 * HOUR,
  },
  'the absolute cap where it has no absolute limit': {
    idle: DAY,
    absolute: null,
    cap: null,
    absoluteCap: 3 * HOUR,
    left: 2 * HOUR,
  },
  'the absolute cap where it has no idle limit': {
    idle: null,
    absolute: 9 * DAY,
    cap: null,
    absoluteCap: 3 * HOUR,
    left: 2 * HOUR,
  },
  'the cap where it has no idle limit': { idle: null, absolute: 9 * DAY, cap: HOUR, left: HOUR },
}

const limitBodies: CaseBodies = Object.fromEntries(
  Object.entries(LIMITS).map(([limit, { idle, absolute, cap, absoluteCap = null, left }]) => [
    `after a turn a grant lives until ${limit}`,
    async ({ grants, now }) => {
      const record = sampleGrant(now, {
        idleLifetime: idle,
        absoluteExpiresAt: absolute === null ? null : now + absolute,
        expiresAt: now + 2 * HOUR,
      })
      await grants.create(record)
      const turnedAt = now + HOUR
      const next = sampleChange({ maxIdleLifetime: cap, maxAbsoluteLifetime: absoluteCap })
      const { turned, grant } = await grants.turn(record.id, expectationOf(record, turnedAt), next)
      assert.equal(turned, true)
      const expected = {
        ...record,
        generation: 2,
        nonce: next.nonce,
        previousNonce: record.nonce,
        turnedAt,
        expiresAt: turnedAt + left,
      }
      assertSameGrant(grant, expected)
      assertSameGrant(await grants.find(record.id), expected)
    },
  ]),
)

export const expiryCases = defineCases('expiry', {
  ...limitBodies,

  // A date of its own and not one counted from now: every digit of it has to count on every run.
  'after a turn a grant lives until a far absolute limit, to the millisecond': async ({ grants, now }) => {
    const yearTenThousand = 253_402_300_799_999
    const record = sampleGrant(now, { idleLifetime: null, absoluteExpiresAt: yearTenThousand })
    await grants.create(record)
    const { grant } = await grants.turn(record.id, expectationOf(record, now + HOUR), sampleChange())
    assert.equal(grant?.expiresAt, yearTenThousand)
    assert.equal((await grants.find(record.id))?.expiresAt, yearTenThousand)
  },

  'a cap shortens one turn and leaves the idle limit of the grant as it is': async ({ grants, now }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const first = await grants.turn(
      record.id,
      expectationOf(record, now),
      sampleChange({ maxIdleLifetime: HOUR }),
    )
    assert.ok(first.grant)
    assert.equal(first.grant.idleLifetime, record.idleLifetime)
    const second = await grants.turn(record.id, expectationOf(first.grant, now + 1), sampleChange())
    assert.equal(second.grant?.expiresAt, now + 1 + 10 * DAY)
  },

  'an absolute cap shortens one turn and leaves the absolute limit of the grant as it is': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const first = await grants.turn(
      record.id,
      expectationOf(record, now),
      sampleChange({ maxAbsoluteLifetime: HOUR }),
    )
    assert.ok(first.grant)
    assert.equal(first.grant.expiresAt, now + HOUR)
    assert.equal(first.grant.absoluteExpiresAt, record.absoluteExpiresAt)
    const second = await grants.turn(record.id, expectationOf(first.grant, now + 1), sampleChange())
    assert.equal(second.grant?.expiresAt, now + 1 + 10 * DAY)
  },

  'an absolute cap that is over already lets the turn happen, and the grant is expired afterwards': async ({
    grants,
    now,
  }) => {
    const record = sampleGrant(now)
    await grants.create(record)
    const { turned, grant } = await grants.turn(
      record.id,
      expectationOf(record, now + 2 * HOUR),
      sampleChange({ maxAbsoluteLifetime: HOUR }),
    )
    assert.equal(turned, true)
    assert.equal(grant?.expiresAt, now + HOUR)
    const again = await grants.turn(record.id, expectationOf(grant, now + 2 * HOUR), sampleChange())
    assert.equal(again.turned, false)
  },

  'a grant that turns again and again never outlives its absolute limit': async ({ grants, now }) => {
    const record = sampleGrant(now, { idleLifetime: 2 * DAY, absoluteExpiresAt: now + 5 * DAY })
    await grants.create(record)
    let current = record
    for (let day = 1; day < 5; day += 1) {
      const { turned, grant } = await grants.turn(
        record.id,
        expectationOf(current, now + day * DAY),
        sampleChange(),
      )
      assert.equal(turned, true)
      assert.ok(grant)
      assert.equal(grant.expiresAt, now + Math.min(day + 2, 5) * DAY)
      current = grant
    }
    const { turned } = await grants.turn(record.id, expectationOf(current, now + 5 * DAY), sampleChange())
    assert.equal(turned, false)
  },
})
