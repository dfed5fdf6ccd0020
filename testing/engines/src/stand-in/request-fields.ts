import { isDocument, isList, type Document } from './bson-values.js'
import { CommandError } from './errors.js'

// Reading what a command carries. A field that is not there counts as empty; one of a wrong type is an error.

function wrongType(name: string, wanted: string): CommandError {
  return new CommandError(14, `field '${name}' is not of the type ${wanted}`)
}

export function documentIn(request: Document, name: string): Document {
  const value = request[name] ?? {}
  if (!isDocument(value)) throw wrongType(name, 'object')
  return value
}

export function listIn(request: Document, name: string): unknown[] {
  const value = request[name] ?? []
  if (!isList(value)) throw wrongType(name, 'array')
  return value
}

export function documentsIn(request: Document, name: string): Document[] {
  const list = listIn(request, name)
  if (!list.every(isDocument)) throw wrongType(name, 'array of objects')
  return list
}

/** The collection named by a command's first field, and its database. */
export function target(request: Document): { database: string; name: string; namespace: string } {
  const database = String(request['$db'])
  const name = String(Object.values(request)[0])
  return { database, name, namespace: `${database}.${name}` }
}
