import type { Document } from '../bson-values.js'
import { sorted } from '../sorting.js'
import { CommandError } from '../errors.js'
import { project } from '../projection.js'
import { documentIn, documentsIn, target } from '../request-fields.js'
import { refuseMultiReplacement, updateDocument, upsertDocument } from '../update.js'
import type { Command, Commands, Context } from './command.js'

/** One statement after the other; an ordered batch ends at the first that fails, and says which it was. */
function eachStatement(
  request: Document,
  statements: readonly Document[],
  run: (statement: Document, index: number) => void,
): Document {
  if (statements.length === 0)
    throw new CommandError(16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.')
  const writeErrors: Document[] = []
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      writeErrors.push(error.toWriteError(index))
      if (request['ordered'] !== false) break
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {}
}

function collectionOf(request: Document, { databases }: Context) {
  const { database, name } = target(request)
  return databases.open(database, name)
}

const insert: Command = (request, context) => {
  const collection = collectionOf(request, context)
  let n = 0
  const errors = eachStatement(request, documentsIn(request, 'documents'), (document) => {
    collection.insert(document)
    n += 1
  })
  return { n, ...errors, ok: 1 }
}

const update: Command = (request, context) => {
  const collection = collectionOf(request, context)
  const upserted: Document[] = []
  let n = 0
  let nModified = 0
  const errors = eachStatement(request, documentsIn(request, 'updates'), (statement, index) => {
    const filter = documentIn(statement, 'q')
    const arrayFilters = documentsIn(statement, 'arrayFilters')
    const change = { filter, update: statement['u'], arrayFilters }
    const multi = statement['multi'] === true
    if (multi) refuseMultiReplacement(statement['u'])
    const found = collection.find(filter, statement['hint'])
    for (const document of multi ? found : found.slice(0, 1)) {
      const { modified } = updateDocument(collection, document, change)
      n += 1
      if (modified) nModified += 1
    }
    if (found.length === 0 && statement['upsert'] === true) {
      upserted.push({ index, _id: upsertDocument(collection, change)['_id'] })
      n += 1
    }
  })
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors, ok: 1 }
}

function checkLimit({ limit }: Document): void {
  if (limit === undefined)
    throw new CommandError(40414, "BSON field 'delete.deletes.limit' is missing but a required field")
  if (limit !== 0 && limit !== 1)
    throw new CommandError(
      9,
      `The limit field in delete objects must be 0 or 1. Got ${JSON.stringify(limit)}`,
    )
}

const remove: Command = (request, context) => {
  documentsIn(request, 'deletes').forEach(checkLimit)
  const collection = collectionOf(request, context)
  let n = 0
  const errors = eachStatement(request, documentsIn(request, 'deletes'), (statement) => {
    const found = collection.find(documentIn(statement, 'q'), statement['hint'])
    for (const document of statement['limit'] === 1 ? found.slice(0, 1) : found) {
      collection.remove(document)
      n += 1
    }
  })
  return { n, ...errors, ok: 1 }
}

function contradictionIn({
  remove: removes,
  update: change,
  new: wantsNew,
  upsert,
}: Document): string | undefined {
  if (removes !== true)
    return change === undefined ? 'Either an update or remove=true must be specified' : undefined
  if (change !== undefined) return 'Cannot specify both an update and remove=true'
  if (upsert === true) return 'Cannot specify both upsert=true and remove=true'
  return wantsNew === true
    ? "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document"
    : undefined
}

const findAndModify: Command = (request, context) => {
  const contradiction = contradictionIn(request)
  if (contradiction !== undefined) throw new CommandError(9, contradiction)
  const collection = collectionOf(request, context)
  const filter = documentIn(request, 'query')
  const [found] = sorted(collection.find(filter, request['hint']), documentIn(request, 'sort'))
  const shown = (document: Document | undefined): Document | null =>
    document ? (project([document], documentIn(request, 'fields'))[0] ?? null) : null
  if (request['remove'] === true) {
    if (found) collection.remove(found)
    return { lastErrorObject: { n: found ? 1 : 0 }, value: shown(found), ok: 1 }
  }
  const change = {
    filter,
    update: request['update'],
    arrayFilters: documentsIn(request, 'arrayFilters'),
  }
  const wantsNew = request['new'] === true
  if (found) {
    const { document } = updateDocument(collection, found, change)
    return {
      lastErrorObject: { n: 1, updatedExisting: true },
      value: shown(wantsNew ? document : found),
      ok: 1,
    }
  }
  if (request['upsert'] !== true)
    return { lastErrorObject: { n: 0, updatedExisting: false }, value: null, ok: 1 }
  const document = upsertDocument(collection, change)
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: document['_id'] },
    value: wantsNew ? shown(document) : null,
    ok: 1,
  }
}

export const writeCommands: Commands = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
}
