import assert from 'node:assert/strict'

import type { GrantRecord, GrantStore } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import { expectationOf, sampleChange, sampleGrant } from '../samples.js'

/** From 101 to 301 the counter has three digits, so that a size can be compared to the byte. */
const FIRST = 101
const TURNS = 200

function growing(now: number): GrantRecord {
  return sampleGrant(now, { generation: FIRST - 1, keyHash: 'key-0000', seen: 'seen-0000' })
}

async function turnTimes(
  grants: GrantStore,
  record: GrantRecord,
  times: number,
  now: number,
): Promise<GrantRecord> {
  let current = record
  for (let turn = 0; turn < times; turn += 1) {
    const four = String(current.generation).padStart(4, '0')
    const { turned, grant } = await grants.turn(
      record.id,
      expectationOf(current, now),
      sampleChange({ keyHash: `key-${four}`, seen: `seen-${four}` }),
    )
    assert.equal(turned, true)
    assert.ok(grant)
    current = grant
  }
  return current
}

export const growthCases = [
  ...defineCases('growth', {
    'a record is as large after hundreds of turns as after one': async ({ grants, now }) => {
      const record = growing(now)
      await grants.create(record)
      const first = await turnTimes(grants, record, 1, now)
      const last = await turnTimes(grants, first, TURNS, now)
      assert.equal(last.generation, FIRST + TURNS)
      assert.equal(JSON.stringify(last).length, JSON.stringify(first).length)
    },
  }),
  ...defineCases(
    'growth',
    {
      'what is stored is as large after hundreds of turns as after one': async ({ grants, harness, now }) => {
        const size = async (): Promise<number> => (await harness.rawDump?.())?.length ?? 0
        const record = growing(now)
        await grants.create(record)
        const first = await turnTimes(grants, record, 1, now)
        const sizeAfterOne = await size()
        assert.ok(sizeAfterOne > 0)
        await turnTimes(grants, first, TURNS, now)
        assert.equal(await size(), sizeAfterOne)
      },
    },
    { needs: 'rawDump' },
  ),
]
