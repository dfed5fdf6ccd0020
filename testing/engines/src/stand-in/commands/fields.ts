import { isDocument, isList, type Document } from '../bson-values.js'
import { CommandError } from '../errors.js'

// The fields that MongoDB 7.0 documents for its commands: of those below it refuses any other. The commands that are not
// here (`hello`, `ping`, `serverStatus`, `configureFailPoint`) take what comes.
// https://www.mongodb.com/docs/v7.0/reference/command/

const ANY_COMMAND = [
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'stmtId',
  'stmtIds',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]

const WRITE = ['ordered', 'bypassDocumentValidation']

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  find: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'max',
    'min',
    'returnKey',
    'showRecordId',
    'tailable',
    'oplogReplay',
    'noCursorTimeout',
    'awaitData',
    'allowPartialResults',
    'collation',
    'allowDiskUse',
    'let',
  ],
  getMore: ['collection', 'batchSize'],
  killCursors: ['cursors'],
  count: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'],
  aggregate: [
    'pipeline',
    'explain',
    'allowDiskUse',
    'cursor',
    'bypassDocumentValidation',
    'collation',
    'hint',
    'let',
  ],
  insert: ['documents', ...WRITE],
  update: ['updates', 'let', ...WRITE],
  delete: ['deletes', 'let', 'ordered'],
  findAndModify: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'bypassDocumentValidation',
    'collation',
    'arrayFilters',
    'hint',
    'let',
  ],
  createIndexes: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'],
  listIndexes: ['cursor'],
  drop: [],
  dropDatabase: [],
  listCollections: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
  listDatabases: ['filter', 'nameOnly', 'authorizedDatabases'],
}

const STATEMENTS: Readonly<Record<string, { readonly list: string; readonly fields: readonly string[] }>> = {
  update: {
    list: 'updates',
    // `sort` is known since 8.0.
    fields: ['q', 'u', 'c', 'upsert', 'multi', 'collation', 'arrayFilters', 'hint'],
  },
  delete: { list: 'deletes', fields: ['q', 'limit', 'collation', 'hint'] },
}

function check(document: Document, known: readonly string[], path: string): void {
  const strange = Object.keys(document).find((field) => !known.includes(field))
  if (strange !== undefined)
    throw new CommandError(40415, `BSON field '${path}.${strange}' is an unknown field.`)
}

export function checkFields(request: Document): void {
  const [sent = ''] = Object.keys(request)
  const name = sent === 'findandmodify' ? 'findAndModify' : sent
  const fields = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
  if (!fields) return
  check(request, [sent, ...ANY_COMMAND, ...fields], name)
  const statements = STATEMENTS[name]
  const list = statements && request[statements.list]
  if (!statements || !isList(list)) return
  for (const statement of list.filter(isDocument))
    check(statement, statements.fields, `${name}.${statements.list}`)
}
