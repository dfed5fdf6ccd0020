import assert from 'node:assert/strict'

import type { RaceBodies } from '../race.js'
import { countTrue, HOUR, randomId } from '../samples.js'

const CALLS = 12

export const valueAndClientRaces: RaceBodies = {
  'of many owners exactly one marks a key': async ({ referee, rounds, now, atOnce }) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = `key of round ${round}`
      const results = await atOnce(CALLS, async ({ values }) => {
        const owner = randomId()
        return { owner, marked: await values.mark(key, owner, now + HOUR, now) }
      })
      const marked = results.filter((result) => result.marked)
      assert.equal(marked.length, 1, 'exactly one owner should have marked the key')
      assert.equal(await referee.values.mark(key, marked[0]?.owner ?? '', now + HOUR, now), true)
    }
  },

  'of many owners exactly one marks a key whose mark has expired': async ({
    referee,
    rounds,
    now,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = `key of round ${round}`
      await referee.values.mark(key, 'before', now + HOUR, now)
      const marked = await atOnce(CALLS, ({ values }) =>
        values.mark(key, randomId(), now + 3 * HOUR, now + 2 * HOUR),
      )
      assert.equal(countTrue(marked), 1)
    }
  },

  'of many that take a value exactly one gets it': async ({ referee, rounds, now, atOnce }) => {
    for (let round = 0; round < rounds; round += 1) {
      const key = `key of round ${round}`
      await referee.values.stash(key, 'content', now + HOUR)
      const taken = await atOnce(CALLS, ({ values }) => values.take(key, now))
      assert.deepEqual(
        taken.filter((value) => value !== undefined),
        ['content'],
      )
    }
  },

  'of many that make a client exactly one does, and of many that replace it too': async ({
    referee,
    rounds,
    atOnce,
  }) => {
    for (let round = 0; round < rounds; round += 1) {
      const expectedRevision = round === 0 ? null : round - 1
      const results = await atOnce(CALLS, async ({ clients }, index) => {
        const client = { id: 'client-a', revision: round, data: `{"by":${index}}` }
        return { client, saved: await clients.save(client, expectedRevision) }
      })
      const saved = results.filter((result) => result.saved)
      assert.equal(saved.length, 1, 'exactly one save should happen')
      const found = await referee.clients.find('client-a')
      assert.deepEqual({ ...found }, saved[0]?.client)
    }
  },
}
