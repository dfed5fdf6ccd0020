import assert from 'node:assert/strict'

import { defineCases } from '../define-cases.js'
import type { CaseContext } from '../define-cases.js'
import {
  createAll,
  expectationOf,
  HOUR,
  randomId,
  revokeFilter,
  revokeOptions,
  sampleChange,
  sampleGrant,
} from '../samples.js'

/** A string that can be nothing else when it is found. */
function marker(what: string): string {
  return `${what}-${randomId()}`
}

/** First all of them must be there, or the dump is blind; after the act they must be gone. */
async function assertGoneAfter(
  { harness }: CaseContext,
  markers: readonly string[],
  act: () => Promise<unknown>,
): Promise<void> {
  const dump = async (): Promise<string> => String(await harness.rawDump?.())
  const before = await dump()
  for (const each of markers) assert.ok(before.includes(each), `the dump should hold ${each} beforehand`)
  await act()
  const after = await dump()
  for (const each of markers) assert.ok(!after.includes(each), `the store should not hold ${each} any more`)
}

export const rawDumpCases = defineCases(
  'what is left behind',
  {
    'nothing that was sealed stays of a revoked grant': async (context) => {
      const { grants, now } = context
      const record = sampleGrant(now, { facts: marker('facts'), seen: marker('seen') })
      await grants.create(record)
      await assertGoneAfter(context, [record.facts, record.seen ?? ''], () =>
        grants.revoke(record.id, 'revoked', now, revokeOptions(now)),
      )
    },

    "nothing that was sealed stays of a subject's grants that were ended together": async (context) => {
      const { grants, now } = context
      const records = Array.from({ length: 3 }, () => sampleGrant(now, { facts: marker('facts') }))
      await createAll(grants, records)
      const facts = records.map((record) => record.facts)
      await assertGoneAfter(context, facts, () =>
        grants.revokeBySubject(['subject-a'], revokeFilter(now), { limit: 10 }),
      )
    },

    'nothing stays of facts, hashes or a last sight that a turn replaced': async (context) => {
      const { grants, now } = context
      const record = sampleGrant(now, {
        facts: marker('facts'),
        seen: marker('seen'),
        subjectHash: marker('subject'),
        sessionHash: marker('session'),
      })
      await grants.create(record)
      const reseal = { revision: 0, format: 1, facts: 'sealed-anew', subjectHash: 'subject-anew' }
      const { facts, seen = '', sessionHash = '' } = record
      await assertGoneAfter(context, [facts, seen, sessionHash], () =>
        grants.turn(record.id, expectationOf(record, now), sampleChange({ seen: 'seen-anew', reseal })),
      )
    },

    'nothing stays of facts and an access nonce that were replaced': async (context) => {
      const { grants, now } = context
      const record = sampleGrant(now, { facts: marker('facts'), seen: marker('seen') })
      await grants.create(record)
      const { facts, seen = '', accessNonce } = record
      await assertGoneAfter(context, [facts, seen, accessNonce], async () => {
        await grants.amend(record.id, 0, { now, facts: 'facts-anew', seen: 'seen-anew' })
        await grants.renewAccessNonce(record.id, randomId())
      })
    },

    'a nonce and a key hash are gone two turns later': async (context) => {
      const { grants, now } = context
      const record = sampleGrant(now, { keyHash: marker('key') })
      await grants.create(record)
      await assertGoneAfter(context, [record.nonce, record.keyHash ?? ''], async () => {
        const { grant } = await grants.turn(record.id, expectationOf(record, now), sampleChange())
        assert.ok(grant)
        await grants.turn(record.id, expectationOf(grant, now), sampleChange())
      })
    },

    'nothing stays of a value that was taken or replaced': async (context) => {
      const { values, now } = context
      const [taken, replaced] = [marker('value'), marker('value')]
      await values.stash(taken, taken, now + HOUR)
      await values.stash('replaced', replaced, now + HOUR)
      await assertGoneAfter(context, [taken, replaced], async () => {
        await values.take(taken, now)
        await values.stash('replaced', 'anew', now + HOUR)
      })
    },

    'nothing stays of a client that was replaced or removed': async (context) => {
      const { clients } = context
      const [replaced, removed] = [marker('client'), marker('client')]
      await clients.save({ id: 'replaced', revision: 0, data: replaced }, null)
      await clients.save({ id: removed, revision: 0, data: removed }, null)
      await assertGoneAfter(context, [replaced, removed], async () => {
        await clients.save({ id: 'replaced', revision: 1, data: 'anew' }, 0)
        await clients.remove(removed)
      })
    },
  },
  { needs: 'rawDump' },
)
