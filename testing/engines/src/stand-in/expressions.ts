import { Aggregator } from 'mingo/aggregator'
import { Context, evalExpr, ProcessingMode } from 'mingo/core'
import * as accumulators from 'mingo/operators/accumulator'
import * as expressions from 'mingo/operators/expression'
import * as stages from 'mingo/operators/pipeline'
import * as projections from 'mingo/operators/projection'
import * as queries from 'mingo/operators/query'
import * as windows from 'mingo/operators/window'
import { Lazy } from 'mingo/lazy'
import { Query } from 'mingo/query'
import type { Options } from 'mingo/types'
import { compareBson } from './bson-order.js'
import { isDocument, type Document } from './bson-values.js'
import { badValue, CommandError } from './errors.js'
import { copyTree, fieldsOfSetStage, removeThrough, setThrough } from './field-paths.js'
import { sorted } from './sorting.js'

type Documents = Parameters<typeof stages.$set>[0]

function twoOperands(name: string, value: unknown, args: unknown, options: Options): [unknown, unknown] {
  if (!Array.isArray(args) || args.length !== 2)
    throw new CommandError(16020, `Expression ${name} takes exactly 2 arguments.`)
  return [evalExpr(value, args[0], options), evalExpr(value, args[1], options)]
}

/** mingo compares as a query does (arrays by element, null like missing, nothing across types); expressions do not. */
function comparison(name: string, accepts: (result: number) => unknown) {
  return (value: unknown, args: unknown, options: Options): unknown => {
    const [a, b] = twoOperands(name, value, args, options)
    return accepts(compareBson(a, b))
  }
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0
}

function not(value: unknown, args: unknown, options: Options): boolean {
  return !isTrue(evalExpr(value, Array.isArray(args) ? (args as unknown[])[0] : args, options))
}

/** mingo writes into embedded documents that other expressions of the same stage still read. */
function set(documents: Documents, stage: Document, options: Options): Documents {
  const fields = fieldsOfSetStage(stage)
  return documents.map((document: unknown) => {
    const values = fields.map(([path, expression]) => {
      if (isDocument(expression) && Object.keys(expression).length === 0)
        throw new CommandError(
          51270,
          `An empty sub-projection is not a valid value. Found empty object at path ${path}`,
        )
      return [path.split('.'), evalExpr(document, expression, options)] as const
    })
    const next = copyTree(document)
    for (const [path, value] of values) {
      if (value === undefined) removeThrough(next, path)
      else setThrough(next, path, value)
    }
    return next
  })
}

function sort(documents: Documents, spec: Document, _options: Options): Documents {
  return documents.transform((all: unknown[]) => Lazy(sorted(all.filter(isDocument), spec)))
}

const OVERRIDES = {
  $eq: comparison('$eq', (result) => result === 0),
  $ne: comparison('$ne', (result) => result !== 0),
  $gt: comparison('$gt', (result) => result > 0),
  $gte: comparison('$gte', (result) => result >= 0),
  $lt: comparison('$lt', (result) => result < 0),
  $lte: comparison('$lte', (result) => result <= 0),
  $cmp: comparison('$cmp', (result) => result),
  $not: not,
}

const options = {
  idKey: '_id',
  processingMode: ProcessingMode.CLONE_OFF,
  useStrictMode: true,
  scriptEnabled: false,
  failOnError: true,
  context: Context.init({
    accumulator: accumulators,
    expression: { ...expressions, ...OVERRIDES },
    pipeline: { ...stages, $set: set, $addFields: set, $sort: sort },
    projection: projections,
    query: queries,
    window: windows,
  }),
} satisfies Options

export const mingoOptions: Options = options

/** What mingo refuses, in the code that MongoDB has for it. */
export function asCommandError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error
  const unknownExpression = /accumulator '(\$\w+)' is not registered/.exec(error.message)
  if (unknownExpression) return new CommandError(168, `Unrecognized expression '${unknownExpression[1]}'`)
  const unknownStage = /unregistered pipeline operator (\$?\w+)/.exec(error.message)
  if (unknownStage) return new CommandError(40324, `Unrecognized pipeline stage name: '${unknownStage[1]}'`)
  if (/would create a conflict/.test(error.message)) return new CommandError(40, error.message)
  return error.constructor.name === 'MingoError' ? badValue(error.message) : error
}

/** A filter as a function. */
export function matcher(filter: Document): (document: Document) => boolean {
  const { $comment: _comment, ...criteria } = filter
  try {
    const query = new Query<Document>(criteria, mingoOptions)
    return (document) => query.test(document)
  } catch (error) {
    throw asCommandError(error)
  }
}

export function runPipeline(documents: readonly Document[], pipeline: readonly Document[]): Document[] {
  for (const stage of pipeline) {
    if (Object.keys(stage).length !== 1)
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.')
    if ('$out' in stage || '$merge' in stage) throw badValue('the stand-in has no $out and no $merge')
  }
  try {
    return new Aggregator([...pipeline], mingoOptions).run<Document>([...documents])
  } catch (error) {
    throw asCommandError(error)
  }
}
