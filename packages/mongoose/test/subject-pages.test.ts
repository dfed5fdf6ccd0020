import type { mongo } from 'mongoose'

import { sampleGrant } from '../../storage-contract/src/samples.js'
import { toDocument } from '../src/grant-documents.js'
import type { GrantDocument } from '../src/grant-documents.js'
import { pageOfSubject } from '../src/subject-pages.js'

// A query of a real server is no snapshot: what moves in the index while it runs can be passed over. That takes an
// unlucky moment, so here the answers are given.

const LIMITS = { maxTimeMS: 1000, signal: new AbortController().signal }
const documents = ['a', 'b', 'c', 'd'].map((id, index) => toDocument(sampleGrant(1000 + index, { id })))

/** A collection whose queries find these, one after the other. */
function answering(answers: readonly (readonly GrantDocument[])[]): mongo.Collection<GrantDocument> {
  let query = 0
  const found = {
    sort: () => found,
    limit: () => found,
    batchSize: () => found,
    toArray: async () => answers[query++] ?? [],
  }
  const collection: unknown = { find: () => found }
  return collection as mongo.Collection<GrantDocument>
}

function without(...indexes: readonly number[]): GrantDocument[] {
  return documents.filter((_, index) => !indexes.includes(index))
}

it('a grant that moved from one hash to another under the first query is found by the second', async () => {
  for (const missing of [0, 1, 2, 3]) {
    const { found, cursor } = await pageOfSubject(
      answering([without(missing), documents]),
      ['new', 'old'],
      {},
      { limit: 10 },
      LIMITS,
    )
    expect([found, cursor]).toEqual([documents, undefined])
  }
})

it('what both queries found is one list in order, and is cut where the page ends', async () => {
  const { found, cursor } = await pageOfSubject(
    answering([without(1), without(0)]),
    ['new', 'old'],
    {},
    { limit: 2 },
    LIMITS,
  )
  expect([found, cursor]).toEqual([documents.slice(0, 2), 's.1001.b'])
})

it('under one hash nothing moves, and one query is enough', async () => {
  const { found } = await pageOfSubject(
    answering([without(1), documents]),
    ['new', 'new'],
    {},
    { limit: 10 },
    LIMITS,
  )
  expect(found).toEqual(without(1))
})
