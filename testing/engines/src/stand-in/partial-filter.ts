import { isDocument, isList, keyOf, type Document } from './bson-values.js'
import { matcher } from './expressions.js'

/** A filter that no index can have, for what stands in the message. */
export class UnsupportedFilter extends Error {}

const COMPARISONS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$type'])

function unsupported(what: string): never {
  throw new UnsupportedFilter(`Expression not supported in partial index: ${what}`)
}

function isOperators(value: unknown): value is Document {
  return isDocument(value) && Object.keys(value)[0]?.startsWith('$') === true
}

function conditionOf(path: string, operator: string, operand: unknown): string {
  if (operand instanceof RegExp) unsupported(`${path} regex ${String(operand)}`)
  if (COMPARISONS.has(operator)) return keyOf(path, operator, operand)
  if (operator === '$exists')
    return operand === false || operand === 0
      ? unsupported(`$not\n    ${path} exists`)
      : keyOf(path, operator)
  if (operator === '$in' && isList(operand)) {
    const [first, ...others] = operand.map((value) => conditionOf(path, '$eq', value)).toSorted()
    return others.length === 0 && first !== undefined ? first : keyOf(path, operator, [first, ...others])
  }
  return unsupported(
    operator === '$ne' || operator === '$nin' ? `$not\n    ${path} ${operator}` : `${path} ${operator}`,
  )
}

/** All of them must hold. */
function conditionsOf(filter: Document): string[] {
  const conditions = Object.entries(filter).flatMap(([name, value]) => {
    const branches = isList(value) ? value.filter(isDocument) : []
    if (name === '$and') return branches.flatMap(conditionsOf)
    if (name === '$or') return [keyOf(name, branches.map(partialFilterKey).toSorted())]
    if (name.startsWith('$')) return unsupported(name)
    if (!isOperators(value)) return [conditionOf(name, '$eq', value)]
    return Object.entries(value).map(([operator, operand]) => conditionOf(name, operator, operand))
  })
  return conditions.toSorted()
}

/**
 * The text under which filters are equal that say the same: in any order, with `$and` or without.
 *
 * @throws UnsupportedFilter for what an index cannot have, of which negations are the most asked for; and what a query
 *   throws for what no query knows
 * @see https://www.mongodb.com/docs/manual/core/index-partial/#create-a-partial-index
 */
export function partialFilterKey(filter: Document): string {
  matcher(filter)
  return keyOf(...conditionsOf(filter))
}
