import { update as applyWithMingo } from 'mingo/updater'
import { isDocument, keyOf, type Document } from './bson-values.js'
import { badValue, CommandError } from './errors.js'
import { asCommandError, mingoOptions } from './expressions.js'
import { valueAt } from './field-paths.js'

export interface Change {
  readonly operator: string
  readonly path: string
  readonly value: unknown
}

const OPERATORS = new Set([
  '$set',
  '$unset',
  '$setOnInsert',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$rename',
  '$currentDate',
  '$push',
  '$addToSet',
  '$pull',
  '$pullAll',
  '$pop',
  '$bit',
])
const NUMERIC = new Set(['$inc', '$mul'])
const ON_ARRAYS = new Set(['$push', '$addToSet', '$pull', '$pullAll', '$pop'])
const CREATES_NOTHING = new Set(['$unset', '$pull', '$pullAll', '$pop', '$rename'])

function comparePaths(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const x = left[i] ?? ''
    const y = right[i] ?? ''
    if (x === y) continue
    if (/^\d+$/.test(x) && /^\d+$/.test(y)) return Number(x) - Number(y)
    return x < y ? -1 : 1
  }
  return left.length - right.length
}

function refuseConflicts(changes: readonly Change[]): void {
  const paths = changes.flatMap(({ operator, path, value }) =>
    operator === '$rename' ? [path, String(value)] : [path],
  )
  for (const [i, path] of paths.entries()) {
    const other = paths.find((p, j) => j !== i && (p === path || p.startsWith(`${path}.`)))
    if (other !== undefined)
      throw new CommandError(40, `Updating the path '${other}' would create a conflict at '${path}'`)
  }
}

/** An update document as single changes, in the order in which MongoDB makes them: by the names of the fields. */
export function changesOf(update: Document): Change[] {
  const changes = Object.entries(update).flatMap(([operator, fields]) => {
    if (!OPERATORS.has(operator))
      throw new CommandError(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      )
    if (!isDocument(fields))
      throw new CommandError(9, `Modifiers operate on fields but we found another type for ${operator}`)
    return Object.entries(fields).map(([path, value]): Change => ({ operator, path, value }))
  })
  refuseConflicts(changes)
  return changes.toSorted((a, b) => comparePaths(a.path, b.path))
}

function refuseBlockedPath(document: Document, { operator, path }: Change): void {
  if (CREATES_NOTHING.has(operator) || path.includes('$')) return
  const parts = path.split('.')
  for (let length = 1; length < parts.length; length++) {
    const value = valueAt(document, parts.slice(0, length).join('.'))
    if (value === undefined) return
    if (!isDocument(value) && !Array.isArray(value))
      throw new CommandError(28, `Cannot create field '${parts[length]}' in '${parts[length - 1]}'`)
  }
}

function refuseWrongType(document: Document, { operator, path, value }: Change): void {
  const current = path.includes('$') ? undefined : valueAt(document, path)
  if (NUMERIC.has(operator)) {
    if (typeof value !== 'number')
      throw new CommandError(14, `Cannot ${operator.slice(1)} with non-numeric argument: '${path}'`)
    if (current !== undefined && typeof current !== 'number')
      throw new CommandError(
        14,
        `Cannot apply ${operator} to a value of non-numeric type: the field '${path}'`,
      )
  }
  if (ON_ARRAYS.has(operator) && current !== undefined && !Array.isArray(current))
    throw badValue(`The field '${path}' must be an array`)
}

/** `_id` may be named as long as it stays what it is. True where there is nothing more to do. */
function keepsId(document: Document, { path, value }: Change): boolean {
  if (path !== '_id' && !path.startsWith('_id.')) return false
  if (document['_id'] === undefined) return false
  if (path === '_id' && keyOf(value) === keyOf(document['_id'])) return true
  throw new CommandError(
    66,
    `Performing an update on the path '${path}' would modify the immutable field '_id'`,
  )
}

/** Changes `document` itself. */
export function applyChange(
  document: Document,
  change: Change,
  filter: Document,
  arrayFilters: Document[] | undefined,
): void {
  if (keepsId(document, change)) return
  if (change.path === '_id') {
    document['_id'] = change.value
    return
  }
  refuseBlockedPath(document, change)
  refuseWrongType(document, change)
  const operator = change.operator === '$setOnInsert' ? '$set' : change.operator
  const positional = change.path.split('.').includes('$')
  try {
    applyWithMingo(
      document,
      { [operator]: { [change.path]: change.value } },
      arrayFilters?.filter((f) =>
        Object.keys(f).some((key) => change.path.includes(`$[${key.split('.')[0]}]`)),
      ),
      positional ? filter : {},
      { cloneMode: 'deep', queryOptions: mingoOptions },
    )
  } catch (error) {
    throw asCommandError(error)
  }
}
