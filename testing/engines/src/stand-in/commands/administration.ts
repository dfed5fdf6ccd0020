import { isList } from '../bson-values.js'
import { badValue, CommandError } from '../errors.js'
import { matcher } from '../expressions.js'
import { documentIn, documentsIn, target } from '../request-fields.js'
import type { Command, Commands } from './command.js'

const create: Command = (request, { databases }) => {
  const { database, name } = target(request)
  databases.open(database, name) // one that is there already is no error since 7.0
  return { ok: 1 }
}

const drop: Command = (request, { databases }) => {
  const { database, name, namespace } = target(request)
  const collection = databases.find(database, name)
  if (!collection) return { ok: 1 } // since 7.0; an error before
  databases.drop(database, name)
  return { nIndexesWas: collection.indexes.specs.length, ns: namespace, ok: 1 }
}

const dropDatabase: Command = (request, { databases }) => {
  const database = String(request['$db'])
  databases.dropDatabase(database)
  return { dropped: database, ok: 1 }
}

const listCollections: Command = (request, { databases, cursors }) => {
  const database = String(request['$db'])
  const described = databases.collections(database).map(({ namespace }) => ({
    name: namespace.slice(database.length + 1),
    type: 'collection',
    ...(request['nameOnly'] === true
      ? {}
      : { options: {}, info: { readOnly: false }, idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } }),
  }))
  const wanted = described.filter(matcher(documentIn(request, 'filter')))
  const { batchSize } = documentIn(request, 'cursor')
  return { cursor: cursors.open(`${database}.$cmd.listCollections`, wanted, batchSize), ok: 1 }
}

const listDatabases: Command = (_request, { databases }) => ({
  databases: databases.names.map((name) => ({ name, sizeOnDisk: 0, empty: false })),
  totalSize: 0,
  ok: 1,
})

const configureFailPoint: Command = (request, { failPoints }) => {
  if (request['$db'] !== 'admin')
    throw new CommandError(13, 'configureFailPoint may only be run against the admin database.')
  return failPoints.configure(request)
}

const setParameter: Command = (request, { ttl }) => {
  const { ttlMonitorSleepSecs: seconds } = request
  if (typeof seconds !== 'number' || seconds < 1)
    throw new CommandError(72, 'no option found to set, use help:true to see options ')
  const was = ttl.sleepSeconds
  ttl.sleepSeconds = seconds
  return { was, ok: 1 }
}

const getParameter: Command = (request, { ttl }) => {
  if (request['ttlMonitorSleepSecs'] === undefined) throw new CommandError(72, 'no option found to get')
  return { ttlMonitorSleepSecs: ttl.sleepSeconds, ok: 1 }
}

const serverStatus: Command = (_request, { statistics, address }) => ({
  host: address,
  process: 'stand-in',
  ...statistics.report(),
  ok: 1,
})

const createIndexes: Command = (request, { databases }) => {
  const { database, name } = target(request)
  const isNew = !databases.find(database, name)
  const requested = documentsIn(request, 'indexes')
  if (requested.length === 0) throw badValue('Must specify at least one index to create')
  const collection = databases.open(database, name)
  const numIndexesBefore = collection.indexes.specs.length
  for (const spec of requested) collection.indexes.create(spec, collection.all)
  const numIndexesAfter = collection.indexes.specs.length
  return {
    numIndexesBefore,
    numIndexesAfter,
    createdCollectionAutomatically: isNew,
    ...(numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {}),
    ok: 1,
  }
}

const listIndexes: Command = (request, { databases, cursors }) => {
  const { database, name, namespace } = target(request)
  const collection = databases.find(database, name)
  if (!collection) throw new CommandError(26, `ns does not exist: ${namespace}`)
  const { batchSize } = documentIn(request, 'cursor')
  return { cursor: cursors.open(namespace, collection.indexes.specs, batchSize), ok: 1 }
}

const dropIndexes: Command = (request, { databases }) => {
  const { database, name, namespace } = target(request)
  const collection = databases.find(database, name)
  if (!collection) throw new CommandError(26, `ns not found ${namespace}`)
  const nIndexesWas = collection.indexes.specs.length
  const which = request['index']
  for (const one of isList(which) ? which : [which]) collection.indexes.drop(one)
  return { nIndexesWas, ok: 1 }
}

export const administrationCommands: Commands = {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  configureFailPoint,
  setParameter,
  getParameter,
  serverStatus,
  createIndexes,
  listIndexes,
  dropIndexes,
}
