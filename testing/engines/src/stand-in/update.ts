import { copyOf, isDocument, isList, keyOf, type Document } from './bson-values.js'
import type { Collection } from './collection.js'
import { badValue, CommandError } from './errors.js'
import { runPipeline } from './expressions.js'
import { applyChange, changesOf } from './update-operators.js'
import { equalitiesOf } from './upsert.js'

export interface UpdateRequest {
  readonly filter: Document
  /** An update document, a replacement, or a pipeline. */
  readonly update: unknown
  readonly arrayFilters?: Document[] | undefined
}

const UPDATE_STAGES = new Set(['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith'])

export function isReplacement(update: unknown): update is Document {
  return isDocument(update) && !Object.keys(update)[0]?.startsWith('$')
}

function applyPipeline(document: Document, pipeline: readonly Document[]): Document {
  for (const stage of pipeline) {
    const name = Object.keys(stage)[0] ?? ''
    if (!UPDATE_STAGES.has(name))
      throw new CommandError(72, `${name} is not allowed to be used within an update`)
  }
  const [result] = runPipeline([document], pipeline)
  if (!result) throw badValue('the pipeline left no document')
  return result
}

function applyUpdate(document: Document, request: UpdateRequest, inserting: boolean): Document {
  const { update } = request
  const draft = copyOf(document)
  if (isList(update)) return applyPipeline(draft, update.filter(isDocument))
  if (!isDocument(update)) throw new CommandError(9, 'Update argument must be either an object or an array')
  if (isReplacement(update)) return draft['_id'] === undefined ? update : { _id: draft['_id'], ...update }
  for (const change of changesOf(update)) {
    if (change.operator !== '$setOnInsert' || inserting)
      applyChange(draft, change, request.filter, request.arrayFilters)
  }
  return draft
}

export function updateDocument(
  collection: Collection,
  document: Document,
  request: UpdateRequest,
): { document: Document; modified: boolean } {
  return collection.replace(document, applyUpdate(document, request, false))
}

/** The document that an upsert makes where nothing matched. */
export function upsertDocument(collection: Collection, request: UpdateRequest): Document {
  const equalities = equalitiesOf(request.filter)
  const start = isReplacement(request.update)
    ? Object.fromEntries(Object.entries(equalities).filter(([key]) => key === '_id'))
    : equalities
  const document = applyUpdate(start, request, true)
  if (
    start['_id'] !== undefined &&
    document['_id'] !== undefined &&
    keyOf(start['_id']) !== keyOf(document['_id'])
  )
    throw new CommandError(
      66,
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    )
  return collection.insert({ ...(start['_id'] === undefined ? {} : { _id: start['_id'] }), ...document })
}

export function refuseMultiReplacement(update: unknown): void {
  if (isReplacement(update))
    throw new CommandError(9, 'multi update is not supported for replacement-style update')
}
