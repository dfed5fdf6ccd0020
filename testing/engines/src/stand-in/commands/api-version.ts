import type { Document } from '../bson-values.js'
import { CommandError } from '../errors.js'

const VERSION = '1'

/** What version 1 of the stable API has of the commands here. */
const COMMANDS = new Set([
  'aggregate',
  'count',
  'create',
  'createIndexes',
  'delete',
  'drop',
  'dropDatabase',
  'dropIndexes',
  'endSessions',
  'find',
  'findAndModify',
  'getMore',
  'hello',
  'insert',
  'killCursors',
  'listCollections',
  'listDatabases',
  'listIndexes',
  'ping',
  'refreshSessions',
  'update',
])

/** @see https://www.mongodb.com/docs/manual/reference/stable-api/ */
export function checkApiVersion(request: Document): void {
  const { apiVersion, apiStrict, apiDeprecationErrors } = request
  const [name = ''] = Object.keys(request)
  if (apiVersion === undefined) {
    if (apiStrict !== undefined || apiDeprecationErrors !== undefined)
      throw new CommandError(
        4886600,
        'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion',
      )
    return
  }
  if (apiVersion !== VERSION) throw new CommandError(322, `API version must be "${VERSION}"`)
  if (apiStrict === true && !COMMANDS.has(name))
    throw new CommandError(
      323,
      `Provided apiStrict:true, but the command ${name} is not in API Version ${VERSION}.`,
    )
}
