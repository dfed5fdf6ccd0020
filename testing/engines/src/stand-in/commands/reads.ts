import { keyOf, type Document } from '../bson-values.js'
import { CommandError } from '../errors.js'
import { runPipeline } from '../expressions.js'
import { project } from '../projection.js'
import { documentIn, documentsIn, listIn, target } from '../request-fields.js'
import { sorted, valuesOn } from '../sorting.js'
import type { Command, Commands, Context } from './command.js'

function matching(request: Document, filter: Document, { databases }: Context): Document[] {
  const { database, name } = target(request)
  return databases.find(database, name)?.find(filter, request['hint']) ?? []
}

/** A limit of 0 is no limit; a negative one means the same number in a single batch. */
function page(documents: readonly Document[], { skip, limit }: Document): Document[] {
  const from = typeof skip === 'number' ? skip : 0
  const most = typeof limit === 'number' && limit !== 0 ? Math.abs(limit) : Infinity
  return documents.slice(from, from + most)
}

/** A walk by `_id`, page by page: over a large collection it would otherwise take as long as the square of it. */
function firstById(request: Document, { databases }: Context): Document[] | undefined {
  const { skip, limit, hint } = request
  const sort = Object.entries(documentIn(request, 'sort'))
  const isById = sort.length === 1 && sort[0]?.[0] === '_id' && Number(sort[0][1]) === 1
  if (!isById || hint !== undefined || typeof limit !== 'number' || limit === 0) return undefined
  const { database, name } = target(request)
  const most = (typeof skip === 'number' ? skip : 0) + Math.abs(limit)
  return databases.find(database, name)?.firstById(documentIn(request, 'filter'), most) ?? []
}

const find: Command = (request, context) => {
  const found =
    firstById(request, context) ??
    sorted(matching(request, documentIn(request, 'filter'), context), documentIn(request, 'sort'))
  const shown = project(page(found, request), documentIn(request, 'projection'))
  const single = request['singleBatch'] === true || Number(request['limit'] ?? 0) < 0
  const cursor = context.cursors.open(target(request).namespace, shown, request['batchSize'], single)
  return { cursor, ok: 1 }
}

const getMore: Command = (request, { cursors }) => ({
  cursor: cursors.more(request['getMore'], request['batchSize']),
  ok: 1,
})

const killCursors: Command = (request, { cursors }) => ({
  ...cursors.kill(listIn(request, 'cursors')),
  ok: 1,
})

const count: Command = (request, context) => ({
  n: page(matching(request, documentIn(request, 'query'), context), request).length,
  ok: 1,
})

const distinct: Command = (request, context) => {
  const values = matching(request, documentIn(request, 'query'), context).flatMap((document) =>
    valuesOn(document, String(request['key'])).filter((value) => value !== undefined),
  )
  return { values: [...new Map(values.map((value) => [keyOf(value), value])).values()], ok: 1 }
}

const aggregate: Command = (request, context) => {
  if (request['cursor'] === undefined)
    throw new CommandError(
      9,
      "The 'cursor' option is required, except for aggregate with the explain argument",
    )
  const { namespace } = target(request)
  const results = runPipeline(matching(request, {}, context), documentsIn(request, 'pipeline'))
  const { batchSize } = documentIn(request, 'cursor')
  return { cursor: context.cursors.open(namespace, results, batchSize), ok: 1 }
}

export const readCommands: Commands = { find, getMore, killCursors, count, distinct, aggregate }
