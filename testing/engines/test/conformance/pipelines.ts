import type { mongo } from 'mongoose'
import { failureOf, freshCollection, type Fixture } from './fixture.js'

export function pipelineConformance(fixture: () => Fixture): void {
  const after = async (row: mongo.Document, ...pipeline: mongo.Document[]): Promise<mongo.Document> => {
    const collection = freshCollection(fixture())
    await collection.insertOne({ _id: 1, ...row })
    const updated = await collection.findOneAndUpdate({ _id: 1 }, pipeline, { returnDocument: 'after' })
    if (!updated) throw new Error('nothing was updated')
    expect(await collection.findOne({ _id: 1 })).toEqual(updated)
    const { _id, ...fields } = updated
    expect(_id).toBe(1)
    return fields
  }

  it('copies a field to its previous one, replaces it and answers the result in one write', async () => {
    const turned = await after(
      { generation: 4, nonce: 'old', previousNonce: 'older' },
      {
        $set: {
          generation: { $add: ['$generation', 1] },
          previousNonce: '$nonce',
          nonce: { $literal: '$new' },
        },
      },
    )
    expect(turned).toEqual({ generation: 5, nonce: '$new', previousNonce: 'old' })
    expect(Object.keys(turned)).toEqual(['generation', 'nonce', 'previousNonce'])
  })

  it('takes a literal as it is, whatever it looks like', async () => {
    const value = { $add: ['$a', 1], 'b.c': '$$ROOT' }
    expect(await after({ a: 1 }, { $set: { x: { $literal: '$a' }, y: { $literal: 7 } } })).toEqual({
      a: 1,
      x: '$a',
      y: 7,
    })
    expect((await after({ a: 1 }, { $set: { x: { $literal: [value] } } }))['x']).toEqual([value])
  })

  it('reads every expression of a stage from the document before that stage', async () => {
    expect(
      await after(
        { a: 1, b: 2, n: { x: 1, y: 2 } },
        { $set: { a: '$b', b: '$a', 'n.x': '$n.y', 'n.y': '$n.x' } },
      ),
    ).toEqual({
      a: 2,
      b: 1,
      n: { x: 2, y: 1 },
    })
    expect(await after({ a: 1 }, { $set: { b: '$a' } }, { $set: { c: '$b' } })).toEqual({ a: 1, b: 1, c: 1 })
  })

  it('removes a field with $$REMOVE, $unset, and by a missing value', async () => {
    expect(await after({ a: 1, b: 2, c: 3 }, { $set: { a: '$$REMOVE', c: '$missing' } })).toEqual({ b: 2 })
    expect(await after({ a: 1, n: { x: 1, y: 2 } }, { $unset: ['a', 'n.x'] })).toEqual({ n: { y: 2 } })
    expect(
      await after({ a: 1, b: 2 }, { $set: { a: { $cond: [{ $eq: ['$b', 2] }, '$$REMOVE', '$a'] } } }),
    ).toEqual({
      b: 2,
    })
  })

  it('writes an embedded document field by field', async () => {
    expect(await after({ n: { x: 1 } }, { $set: { n: { y: 2 } } })).toEqual({ n: { x: 1, y: 2 } })
    expect(await after({ n: { x: 1 } }, { $set: { n: { $literal: { y: 2 } } } })).toEqual({ n: { y: 2 } })
  })

  it('compares over all types, and a missing field is less than null', async () => {
    const truths = await after(
      { one: 1, text: 'x', nothing: null, list: ['x'], date: new Date(5) },
      {
        $set: {
          missingIsNull: { $eq: ['$missing', null] },
          nullIsNull: { $eq: ['$nothing', null] },
          listIsElement: { $eq: ['$list', 'x'] },
          missingLess: { $lt: ['$missing', '$nothing'] },
          nullLess: { $lt: ['$nothing', '$one'] },
          numberLess: { $lt: ['$one', '$text'] },
          dateGreater: { $gt: ['$date', '$one'] },
          differ: { $ne: ['$one', 2] },
          order: { $cmp: ['$text', 'w'] },
        },
      },
    )
    expect(truths).toMatchObject({
      missingIsNull: false,
      nullIsNull: true,
      listIsElement: false,
      missingLess: true,
      nullLess: true,
      numberLess: true,
      dateGreater: true,
      differ: true,
      order: 1,
    })
  })

  it('has $cond, $ifNull, $switch, $and, $or and $not with its idea of what is true', async () => {
    const result = await after(
      { zero: 0, empty: '', one: 1, nothing: null },
      {
        $set: {
          a: { $cond: ['$zero', 'yes', 'no'] },
          // oxlint-disable-next-line unicorn/no-thenable -- MongoDB's word for it
          b: { $cond: { if: '$empty', then: 'yes', else: 'no' } },
          c: { $ifNull: ['$nothing', '$missing', 'default'] },
          // oxlint-disable-next-line unicorn/no-thenable -- MongoDB's word for it
          d: { $switch: { branches: [{ case: { $eq: ['$one', 1] }, then: 'first' }], default: 'none' } },
          e: { $and: ['$one', '$empty'] },
          f: { $or: ['$zero', '$missing'] },
          g: { $not: ['$empty'] },
          h: { $not: ['$missing'] },
        },
      },
    )
    expect(result).toMatchObject({
      a: 'no',
      b: 'yes',
      c: 'default',
      d: 'first',
      e: true,
      f: false,
      g: false,
      h: true,
    })
  })

  it('calculates with numbers and dates', async () => {
    const result = await after(
      { at: new Date(10_000), limit: new Date(12_000), life: 5000, nothing: null },
      {
        $set: {
          sum: { $add: ['$at', '$life'] },
          capped: { $min: [{ $add: ['$at', '$life'] }, '$limit'] },
          uncapped: { $min: [{ $add: ['$at', '$life'] }, '$nothing', '$missing'] },
          later: { $max: ['$at', '$limit'] },
          span: { $subtract: ['$limit', '$at'] },
          withNull: { $add: ['$nothing', 1] },
          product: { $multiply: ['$life', 2] },
        },
      },
    )
    expect(result).toMatchObject({
      sum: new Date(15_000),
      capped: new Date(12_000),
      uncapped: new Date(15_000),
      later: new Date(12_000),
      span: 2000,
      withNull: null,
      product: 10_000,
    })
  })

  it('sees the whole document as $$ROOT, and merges objects', async () => {
    expect(await after({ a: 1 }, { $set: { copy: '$$ROOT' } })).toEqual({ a: 1, copy: { _id: 1, a: 1 } })
    expect(await after({ a: 1 }, { $replaceWith: { $mergeObjects: ['$$ROOT', { b: 2 }] } })).toEqual({
      a: 1,
      b: 2,
    })
    expect(await after({ a: 1, b: 2 }, { $replaceWith: { _id: '$_id', c: '$b' } })).toEqual({ c: 2 })
  })

  it('keeps bytes, dates and lists as they are', async () => {
    const bytes = Buffer.from([0xff, 0xfe])
    const result = await after(
      { b: bytes, list: [1] },
      { $set: { c: '$b', d: { $concatArrays: ['$list', [2]] } } },
    )
    expect(result['c'].value()).toEqual(result['b'].value())
    expect(Buffer.from(result['c'].value())).toEqual(bytes)
    expect(result['d']).toEqual([1, 2])
  })

  it('starts an upsert with the equalities of the filter', async () => {
    const collection = freshCollection(fixture())
    const made = await collection.findOneAndUpdate(
      { _id: 'new', kind: 'a' },
      [{ $set: { n: { $add: [{ $ifNull: ['$n', 0] }, 1] } } }],
      { upsert: true, returnDocument: 'after' },
    )
    expect(made).toEqual({ _id: 'new', kind: 'a', n: 1 })
  })

  it('counts a pipeline that changes nothing as matched and not modified', async () => {
    const collection = freshCollection(fixture())
    await collection.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ])
    expect(await collection.updateMany({}, [{ $set: { a: 1 } }])).toMatchObject({
      matchedCount: 2,
      modifiedCount: 1,
    })
  })

  it('refuses a change of _id, a stage that has no place here, and an expression that it does not know', async () => {
    const collection = freshCollection(fixture())
    await collection.insertOne({ _id: 1 })
    const refusal = (pipeline: mongo.Document[]): Promise<unknown> =>
      failureOf(collection.updateOne({ _id: 1 }, pipeline))
    expect(await refusal([{ $set: { _id: 2 } }])).toMatchObject({ code: 66 })
    expect(await refusal([{ $match: { _id: 1 } }])).toMatchObject({ code: 72 })
    expect(await refusal([{ $set: { a: { $fold: 1 } } }])).toMatchObject({ code: 168 })
  })
}
